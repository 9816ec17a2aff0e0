import { platformOf } from "../../src/inputs/testing/service.ts";
import type { Random } from "./random.ts";
import { type Entry, file, link, type World } from "./world.ts";

/** Images that a world may start from, by what the generator knows of them. */
export interface BaseImages {
  /** Sets `BASEDIR=src`. */
  readonly env: string;
  /** Copies `$BASEDIR` into whatever is built from it. */
  readonly onBuild: string;
  /** Has a shell. */
  readonly shell: string;
  /** A frontend that knows `--parents`, when there is one. */
  readonly frontend?: string | undefined;
}

const plainNames = ["a.txt", "b.txt", "c.md", "run.sh", "Makefile", "x", "main.go", "package.json"];
const oddNames = [
  "with space.txt",
  "ünï.txt",
  "日本.md",
  "-dash.txt",
  "--chown=1",
  ".hidden",
  ".env",
  "quo'te.txt",
  'dou"ble.txt',
  "new\nline.txt",
  "back\\slash.txt",
  "[br].txt",
  "star*.txt",
  "q?.txt",
  "$dollar.txt",
  "tab\tname",
  "comma,name",
  "e\u0301.txt",
  "\u00e9.txt",
  "emoji😀.txt",
  "#hash",
  "!bang",
  "~tilde",
  "100%",
  "{a,b}",
  "a.txt~",
  "A.TXT",
  "<<EOF",
  "..dots",
  "...",
  "trailing ",
  "(paren)+^$",
];
const plainFolders = ["src", "docs", "src/lib", "src/lib/deep", "lib", "node_modules/x"];
const oddFolders = [
  "sp ace",
  "-d",
  "é",
  ".config",
  "[x]",
  "src/.cache",
  "src/sp ace",
  "src0",
  "src-a",
  "a.b",
  "src/a*",
];
const contents = ["", "one\n", "two\n", "3\r\n", "$DIR\n", "$Id$ one\n", "#!/bin/sh\necho\n"];

/** A repository with a service in it; most can be built. */
export function makeWorld(random: Random, bases: BaseImages): World {
  const hasContexts = random.chance(0.35);
  const context = random.chance(hasContexts ? 0.5 : 0.2) ? "app" : ".";
  const inContext = context === "." ? "" : "app/";
  const files: Record<string, Entry> = {};
  for (const path of makePaths(random)) files[inContext + path] = makeFile(random);
  addLinks(random, files, inContext);
  files[`${inContext}src/a.txt`] ??= file("always\n");
  const contexts = hasContexts ? makeContexts(random, context) : {};
  if (Object.values(contexts).includes("other")) {
    for (const path of makePaths(random)) files[`other/${path}`] = makeFile(random);
    files["other/a.txt"] ??= file("other\n");
  }
  // An ignore file that is in no context changes what another one leaves out, and nothing else.
  const isOutside = hasContexts && context === "app" && random.chance(0.7);
  const places = [`${inContext}Dockerfile`, `${inContext}Dockerfile`, `${inContext}src/Dockerfile`];
  const dockerfilePath = isOutside ? "docker/api.Dockerfile" : random.pick([...places, "docker/api.Dockerfile"]);
  if (random.chance(0.6)) files[`${inContext}.dockerignore`] = file(makeIgnoreText(random));
  if (random.chance(0.35)) files[`${dockerfilePath}.dockerignore`] = file(makeIgnoreText(random));
  if (files["other/a.txt"] !== undefined && random.chance(0.4))
    files["other/.dockerignore"] = file(makeIgnoreText(random));
  const sources = Object.keys(files).flatMap((path) =>
    path.startsWith(inContext) ? path.slice(inContext.length) : [],
  );
  const isCompose = random.chance(0.15);
  const special = makeSpecial(random, files, inContext);
  const { lines, names } = makeDockerfile(random, { bases, sources, contexts: Object.keys(contexts) });
  const given = [...random.some(plainArgs, 0.15), ...random.some(proxyArgs, 0.05)];
  const isPlain = lines.every((line) => !/^FROM/i.test(line) || /scratch|FROM s\d/i.test(line));
  return {
    files: withoutConflicts(files, dockerfilePath),
    dockerfile: lines,
    dockerfilePath,
    context,
    args: Object.fromEntries(given.map((name) => [name, random.pick(["src", "docs", "a.txt", "lib"])])),
    target: names.length > 0 && random.chance(0.25) ? random.pick(names) : undefined,
    contexts,
    // Bases are for the machine's platform only.
    platform: isPlain && random.chance(0.25) ? random.pick(foreignPlatforms) : undefined,
    isCompose,
    ...special,
  };
}

const plainArgs = ["DIR", "GLOBAL", "UNUSED", "FILE"];

export const proxyArgs = ["HTTP_PROXY", "no_proxy", "ALL_PROXY"];

/** Every build arg that a world may give. */
export const argNames = [...plainArgs, ...proxyArgs, "BASEDIR"];

export const foreignPlatforms = ["linux/arm64", "linux/arm/v7", "linux/s390x"].map(platformOf);

/** The Dockerfile stays as it is: docker would give its line ends to here-documents, Slipway reads it as git has it. */
export function makeAttributes(random: Random): Entry {
  const lines = [random.pick(attributeLines), ...random.some(attributeLines, 0.25), "*Dockerfile -text -ident"];
  return file(lines.map((line) => `${line}\n`).join(""));
}

const attributeLines = [
  "*.txt text eol=crlf",
  "* text=auto eol=crlf",
  "*.md ident",
  "* ident text eol=crlf",
  "a.txt -text",
  "*.txt text",
  "src/** eol=lf",
];

/** Contexts over other files, and over the same. */
function makeContexts(random: Random, context: "." | "app"): Record<string, string> {
  const inside = context === "." ? "src" : "app/src";
  const folders = ["other", inside, context];
  const names = random.some(["ctx", "two"], 0.7);
  return Object.fromEntries(names.map((name) => [name, random.pick(folders)]));
}

/** Files that are not simply committed, or not as they are. */
function makeSpecial(
  random: Random,
  files: Record<string, Entry>,
  inContext: string,
): Pick<World, "generated" | "submodule"> {
  const choice = random.next();
  if (choice < 0.1) {
    const place = random.pick(["", inContext, `${inContext}src/`]);
    files[`${place}.gitattributes`] = makeAttributes(random);
    files[`${inContext}docs/id.md`] = file("$Id$\n");
  } else if (choice < 0.18) {
    // Files that git ignores and no setting names are no part of a build.
    files[".gitignore"] = file("/gen/\n/app/gen/\n");
    for (const path of makePaths(random)) files[`${inContext}gen/${path}`] = makeFile(random);
    return { generated: [`${inContext}gen`] };
  } else if (choice < 0.22) {
    for (const path of makePaths(random)) files[`${inContext}sub/${path}`] = makeFile(random);
    files[`${inContext}sub/a.txt`] ??= file("of the submodule\n");
    return { submodule: `${inContext}sub` };
  }
  return {};
}

/** A path cannot be a file and a folder. */
export function withoutConflicts(files: Readonly<Record<string, Entry>>, dockerfile: string): Record<string, Entry> {
  const paths = [...Object.keys(files), dockerfile];
  const folders = new Set(paths.flatMap((path) => foldersOf(path)));
  const isFit = ([path, entry]: [string, Entry]): boolean =>
    path !== dockerfile && (entry.kind === "folder" || !folders.has(path));
  const fit = Object.fromEntries(Object.entries(files).filter(isFit));
  // A name goes with its file.
  return Object.fromEntries(
    Object.entries(fit).filter(([, entry]) => entry.kind !== "name" || fit[entry.of]?.kind === "file"),
  );
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

export function makeName(random: Random): string {
  return random.chance(0.3) ? random.pick(oddNames) : random.pick(plainNames);
}

function makePaths(random: Random): string[] {
  const folders = ["", "", ...random.some(plainFolders, 0.5), ...random.some(oddFolders, 0.12)];
  return Array.from({ length: random.between(2, 9) }, () => {
    const folder = random.pick(folders);
    return folder === "" ? makeName(random) : `${folder}/${makeName(random)}`;
  });
}

export function makeFile(random: Random): Entry {
  if (random.chance(0.03)) return file(tarOf("in/tar.txt", "packed\n"));
  return file(random.pick(contents), random.chance(0.2));
}

/** A tar archive of one file, which `ADD` unpacks. */
function tarOf(path: string, content: string): string {
  const field = (text: string, length: number): string => text.padEnd(length, "\0");
  const octal = (value: number, length: number): string => field(value.toString(8).padStart(length - 1, "0"), length);
  const head =
    field(path, 100) + octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(1, 12);
  const tail = `0${field("", 100)}ustar\x00000${field("", 64)}${octal(0, 8)}${octal(0, 8)}${field("", 155)}`;
  const blank = head + " ".repeat(8) + tail;
  const sum = Buffer.from(blank).reduce((total, byte) => total + byte, 0);
  const header = field(`${head}${sum.toString(8).padStart(6, "0")}\0 ${tail}`, 512);
  return header + field(content, 512) + "\0".repeat(1024);
}

const linkTargets = [
  "src",
  "src",
  "src/a.txt",
  "src/a.txt",
  "a.txt",
  "../src",
  "/src",
  "docs",
  ".",
  "/src/a.txt",
  "lib/../src",
  "nowhere",
  "/etc/hosts",
  "../../x",
  "b",
];

function addLinks(random: Random, files: Record<string, Entry>, inContext: string): void {
  for (let count = random.chance(0.45) ? random.between(1, 3) : 0; count > 0; count -= 1) {
    const folder = random.pick(["", "", "src/", "docs/", "a/"]);
    files[`${inContext}${folder}${random.pick(["link", "l2", "b", "current"])}`] = link(random.pick(linkTargets));
  }
}

const ignoreLines = [
  "*",
  "!src",
  "!src/**",
  "**/*.md",
  "*.txt",
  "src",
  "src/",
  "/src",
  "./src",
  "!src/a.txt",
  "**",
  "!**/*.txt",
  "docs/**",
  "# src",
  "  # x",
  "",
  "src/*",
  "!src/lib/",
  "**/lib",
  "lib/**/x",
  "*/a.txt",
  "a.txt/",
  "[a-b].txt",
  "!*.md",
  ".*",
  "**/.*",
  "!.hidden",
  "src/../docs",
  "sp ace",
  "é",
  "-d",
  "?.txt",
  "node_modules",
  "*/*/x",
  "!*/lib",
  "src/lib/deep",
  "!src/lib/deep/x",
  "Dockerfile",
  ".dockerignore",
  "**/a.txt",
  "!docs",
  "src/**/a.txt",
  "**/src",
  "s*",
  "[!a]*",
  "link",
  "!link",
  "*.txt\r",
  " docs ",
  "\\#hash",
  "[[]br].txt",
  "src/a\\*",
  "..",
  ".",
  "/",
];

export function makeIgnoreLine(random: Random): string {
  return random.pick(ignoreLines);
}

function makeIgnoreText(random: Random): string {
  const lines = Array.from({ length: random.between(1, 4) }, () => makeIgnoreLine(random));
  const text = lines.join("\n");
  return random.chance(0.2) ? text : `${text}\n`;
}

interface Parts {
  readonly bases: BaseImages;
  readonly sources: readonly string[];
  readonly contexts: readonly string[];
}

function makeDockerfile(random: Random, parts: Parts): { lines: string[]; names: string[] } {
  const lines: string[] = [];
  const names: string[] = [];
  if (parts.bases.frontend !== undefined) lines.push(`# syntax=${parts.bases.frontend}`);
  if (random.chance(0.05)) lines.push("# escape=`");
  if (random.chance(0.2)) lines.push("# a comment");
  const hasGlobal = random.chance(0.3);
  if (hasGlobal) lines.push(`ARG GLOBAL=${random.pick(["src", "docs", '"lib"', "a.txt"])}`);
  if (random.chance(0.1)) lines.push("ARG FIRST=s0");
  const count = random.pick([1, 1, 2, 2, 3]);
  for (let index = 0; index < count; index += 1) {
    const name = random.chance(0.7) ? `s${index}` : undefined;
    const { base, hasShell } = makeBase(random, parts.bases, names);
    lines.push(`FROM ${base}${name === undefined ? "" : random.pick([" AS ", " as "]) + name}`);
    if (random.chance(0.25)) lines.push(`ARG DIR${random.pick(["=src", "=docs", "", '="src"', "=src/lib"])}`);
    if (random.chance(0.06)) lines.push("ARG HTTP_PROXY", "LABEL proxy=$HTTP_PROXY");
    if (random.chance(0.08)) lines.push("ARG TARGETARCH BUILDPLATFORM", "LABEL on=$TARGETARCH/$BUILDPLATFORM");
    if (hasGlobal && random.chance(0.6)) lines.push(`ARG GLOBAL${random.pick(["", "=docs"])}`);
    if (random.chance(0.25))
      lines.push(random.pick(["ENV FILE=a.txt", "ENV FILE a.txt", "ENV FILE=${DIR}/a.txt A=b", "ENV FILE='src'"]));
    const many = random.between(1, 3);
    for (let each = 0; each < many; each += 1) {
      lines.push(makeInstruction(random, parts, { names, index, place: `/o${index}${each}/`, hasShell }));
      if (random.chance(0.1)) lines.push(random.pick(["", "# between", "   # indented"]));
    }
    if (name !== undefined) names.push(name);
  }
  // A file in both contexts counts in both.
  const [named] = parts.contexts;
  if (named !== undefined && random.chance(0.5)) lines.push("COPY . /main/", `COPY --from=${named} . /named/`);
  return { lines, names };
}

function makeBase(random: Random, bases: BaseImages, names: readonly string[]): { base: string; hasShell: boolean } {
  const choice = random.next();
  if (choice < 0.06) return { base: bases.shell, hasShell: true };
  if (choice < 0.16) return { base: bases.env, hasShell: false };
  if (choice < 0.22) return { base: bases.onBuild, hasShell: false };
  if (choice < 0.36 && names.length > 0) return { base: random.pick(names), hasShell: false };
  if (choice < 0.39) return { base: "--platform=$BUILDPLATFORM scratch", hasShell: false };
  return { base: "scratch", hasShell: false };
}

interface Place {
  readonly names: readonly string[];
  readonly index: number;
  readonly place: string;
  readonly hasShell: boolean;
}

function makeInstruction(random: Random, parts: Parts, at: Place): string {
  if (at.hasShell && random.chance(0.6)) {
    const source = random.pick(["src", "", ".", "src/a.txt", "/src", "link", "./src/../src"]);
    const from = source === "" ? "" : `,${random.pick(["source", "src"])}=${source}`;
    const type = random.pick(["type=bind,", "type=bind,", ""]);
    return `RUN --mount=${type}target=/m${from} cp -a /m /out${at.index}${at.place.slice(2, 4)}`;
  }
  const choice = random.next();
  if (choice < 0.06)
    return `COPY <<${random.pick(["EOF", "'EOF'", "-EOF"])} ${at.place}h\n${random.pick(contents)}# no comment\n${random.pick(["$DIR", "x"])}\nEOF`;
  if (choice < 0.09) return `LABEL a=${random.pick(["1", "2", '"x y"'])}`;
  if (choice < 0.12) return `WORKDIR ${random.pick(["/w", "w", "$DIR"])}`;
  if (choice < 0.15)
    return random.pick(['CMD ["/x"]', "USER 1", "EXPOSE 80", "VOLUME /v", "STOPSIGNAL 9", 'ENTRYPOINT ["/y", "z"]']);
  if (choice < 0.3 && at.index > 0) {
    const from = random.pick([...at.names, String(random.between(0, at.index - 1))]);
    return `COPY --from=${from} ${random.pick(["/", ".", "/o*", "/*", "o*"])} ${at.place}`;
  }
  if (choice < 0.4 && parts.contexts.length > 0)
    return `COPY --from=${random.pick(parts.contexts)} ${random.pick([".", "a.txt", "*", "*.txt", "/"])} ${at.place}`;
  return makeCopy(random, parts, at.place);
}

const patterns = [
  ".",
  "./",
  "src",
  "src/",
  "/src",
  "./src/.",
  "src/*",
  "*.txt",
  "*",
  "s?c",
  "s*/a.txt",
  "*/a.txt",
  "[a-c]*",
  "src/[!a]*",
  "[^s]*",
  "src/**",
  "**/a.txt",
  "**",
  "src/../src",
  "../src",
  "src/lib/../a.txt",
  "link",
  "link/",
  "link/a.txt",
  "lin?",
  "l*/a.txt",
  "l*",
  "docs/*",
  "$DIR",
  "${DIR:-src}",
  "$GLOBAL",
  "${GLOBAL:-src}",
  "$FILE",
  "${FILE:-src/a.txt}",
  "$BASEDIR",
  "${BASEDIR:-src}",
  "${DIR%c}*",
  "${UNSET:+x}src",
  "s\\rc",
  "src/a.tx\\t",
  "src/a[.]txt",
  "nothing*",
  ".*",
  "src/.*",
  "é*",
  "*/*",
  "*/*/*",
  '"src"',
  "'src'",
  "src/a.txt",
];

const pivots = ["./src/./lib", "src/./**/*.txt", "./link/./a.txt", "src/./*", "**/./a.txt", "./**/a.txt", "s*/./a.txt"];

function makeCopy(random: Random, { sources, bases }: Parts, place: string): string {
  const hasParents = bases.frontend !== undefined && random.chance(0.5);
  const count = random.pick([1, 1, 1, 2, 3]);
  const chosen = Array.from({ length: count }, () =>
    random.chance(0.4)
      ? random.pick(sources)
      : random.pick(hasParents ? [...patterns, ...pivots, ...pivots] : patterns),
  );
  const flags = [
    ...random.some(["--link", "--chmod=600", "--chmod=755", "--chown=1:2"], 0.06),
    ...(random.chance(0.15) ? random.some([...excludes], 0.1).map((pattern) => `--exclude=${pattern}`) : []),
  ].filter(
    (flag, index, all) => !flag.startsWith("--chmod") || all.findIndex((each) => each.startsWith("--chmod")) === index,
  );
  if (hasParents) flags.push("--parents");
  const keyword = hasParents ? "COPY" : random.pick(["COPY", "COPY", "COPY", "COPY", "copy", "ADD"]);
  const destination = random.pick([place, place, place, `.${place}`, "/", "./"]);
  const head = [keyword, ...flags].join(" ");
  const needsJson = chosen.some((source) => /\s/.test(source) || source.startsWith("--") || source.startsWith("<<"));
  if (needsJson || random.chance(0.15)) return `${head} ${JSON.stringify([...chosen, destination])}`;
  const separator = random.pick([" ", " ", "  ", " \\\n  ", " \\\n# c\n "]);
  return `${head}${separator}${[...chosen, destination].join(" ")}`;
}

const excludes = [
  "*.txt",
  "**/*.txt",
  "a.txt",
  "lib",
  "**/lib",
  "src",
  "src/lib",
  "**",
  "*",
  "!a.txt",
  "**/.*",
  "*.md",
  "lib/**",
  "deep",
  "é*",
] as const;
