import {
  foreignPlatforms,
  makeAttributes,
  makeFile,
  makeIgnoreLine,
  makeName,
  proxyArgs,
  withoutConflicts,
} from "./generate.ts";
import type { Random } from "./random.ts";
import { type Entry, file, link, type World } from "./world.ts";

type Change = (random: Random, world: World) => World | undefined;

/** One change to a repository, by a name. Undefined: the world has nothing that it could be made to. */
export const changes: Readonly<Record<string, Change>> = {
  nothing: (_random, world) => world,
  "edit a file": (random, world) => {
    const path = pickPath(random, world, ({ kind }) => kind === "file");
    const entry = path === undefined ? undefined : world.files[path];
    if (path === undefined || entry?.kind !== "file") return undefined;
    return withFiles(world, { [path]: file(`${entry.content}more\n`, entry.executable) });
  },
  "edit a file, same size": (random, world) => {
    const path = pickPath(random, world, (entry) => entry.kind === "file" && entry.content === "one\n");
    return path === undefined ? undefined : withFiles(world, { [path]: file("eno\n") });
  },
  "add a file": (random, world) => {
    const folder = random.pick(["", ...foldersOf(world)]);
    return withFiles(world, { [folder + makeName(random)]: makeFile(random) });
  },
  "remove a file": (random, world) => {
    const path = pickPath(random, world, () => true);
    return path === undefined ? undefined : withoutFile(world, path);
  },
  "rename a file": (random, world) => {
    const path = pickPath(random, world, () => true);
    const entry = path === undefined ? undefined : world.files[path];
    if (path === undefined || entry === undefined) return undefined;
    const folder = random.chance(0.5)
      ? path.slice(0, path.lastIndexOf("/") + 1)
      : random.pick(["", ...foldersOf(world)]);
    return withFiles(withoutFile(world, path), { [folder + makeName(random)]: entry });
  },
  "change a mode": (random, world) => {
    const path = pickPath(random, world, ({ kind }) => kind === "file");
    const entry = path === undefined ? undefined : world.files[path];
    if (path === undefined || entry?.kind !== "file") return undefined;
    return withFiles(world, { [path]: file(entry.content, !entry.executable) });
  },
  "point a link elsewhere": (random, world) => {
    const path = pickPath(random, world, ({ kind }) => kind === "link");
    return path === undefined
      ? undefined
      : withFiles(world, {
          [path]: link(random.pick(["src/lib", "src", "b.txt", "../src/a.txt", "nowhere2", "docs"])),
        });
  },
  "make a file a link": (random, world) => {
    const path = pickPath(random, world, ({ kind }) => kind === "file");
    return path === undefined
      ? undefined
      : withFiles(world, { [path]: link(random.pick(["a.txt", "src", "nowhere"])) });
  },
  "make a file a folder": (random, world) => {
    const path = pickPath(random, world, () => true);
    if (path === undefined) return undefined;
    return withFiles(withoutFile(world, path), { [`${path}/${makeName(random)}`]: makeFile(random) });
  },
  "add a line to an ignore file": (random, world) => {
    const path = pickIgnoreFile(random, world);
    const lines = ignoreLines(world, path);
    lines.splice(random.between(0, lines.length), 0, makeIgnoreLine(random));
    return withFiles(world, { [path]: file(lines.join("\n")) });
  },
  "remove a line of an ignore file": (random, world) => {
    const path = pickIgnoreFile(random, world);
    const lines = ignoreLines(world, path);
    lines.splice(random.between(0, lines.length - 1), 1);
    return world.files[path] === undefined ? undefined : withFiles(world, { [path]: file(lines.join("\n")) });
  },
  "add a comment to an ignore file": (random, world) => {
    const path = pickIgnoreFile(random, world);
    return withFiles(world, { [path]: file(["# a comment", ...ignoreLines(world, path)].join("\n")) });
  },
  "remove an ignore file": (random, world) => {
    const path = pickIgnoreFile(random, world);
    return world.files[path] === undefined ? undefined : withoutFile(world, path);
  },
  "add a comment to the Dockerfile": (random, world) => withLine(random, world, "# another comment"),
  "add a blank line to the Dockerfile": (random, world) => withLine(random, world, ""),
  "spell an instruction differently": (random, world) => {
    const index = pickInstruction(random, world, (line) => !line.includes("\n"));
    return index === undefined
      ? undefined
      : withInstruction(world, index, (line) =>
          line.replace(/^(\S+) +/, (_whole, word: string) => `${word.toLowerCase()}   `),
        );
  },
  "edit an instruction": (random, world) => {
    const index = pickInstruction(random, world, (line) => /^(?:COPY|ADD|ENV|ARG|LABEL|WORKDIR)/i.test(line));
    const [from, to] = random.pick([
      ["src", "docs"],
      ["a.txt", "b.txt"],
      ["*", "?*"],
      ["/o", "/p"],
      ["=", "=x"],
      [" src", " ./src/"],
      ["--chmod=600", "--chmod=0600"],
    ] as const);
    return index === undefined ? undefined : withInstruction(world, index, (line) => line.replace(from, to));
  },
  "remove an instruction": (random, world) => {
    const index = pickInstruction(random, world, (line) => !/^FROM/i.test(line));
    return index === undefined
      ? undefined
      : { ...world, dockerfile: world.dockerfile.filter((_, each) => each !== index) };
  },
  "swap two instructions": (random, world) => {
    const index = pickInstruction(random, world, (line) => /^(?:COPY|ENV|ARG)/.test(line));
    const next = index === undefined ? undefined : world.dockerfile[index + 1];
    if (index === undefined || next === undefined || /^FROM/i.test(next)) return undefined;
    return { ...world, dockerfile: world.dockerfile.toSpliced(index, 2, next, world.dockerfile[index] ?? "") };
  },
  "edit a here-document": (random, world) => {
    const index = pickInstruction(random, world, (line) => line.includes("EOF\n"));
    return index === undefined
      ? undefined
      : withInstruction(world, index, (line) => line.replace("# no comment", "# or one"));
  },
  "add a stage that nothing needs": (_random, world) => {
    const index = world.dockerfile.findIndex((line) => /^FROM/i.test(line));
    return {
      ...world,
      dockerfile: world.dockerfile.toSpliced(index, 0, "FROM scratch AS unneeded", "COPY . /unneeded/"),
    };
  },
  "change the target": (random, world) => {
    const names = world.dockerfile.flatMap((line) => /^FROM .* as (\S+)$/i.exec(line)?.[1] ?? []);
    if (names.length === 0) return undefined;
    return { ...world, target: random.chance(0.3) ? undefined : random.pick(names) };
  },
  "change a build arg": (random, world) => {
    const name = random.pick(["DIR", "GLOBAL", "FILE", "UNUSED", "BASEDIR"]);
    return { ...world, args: { ...world.args, [name]: random.pick(["src", "docs", "src/lib", "b.txt"]) } };
  },
  "remove a build arg": (random, world) => {
    const names = Object.keys(world.args);
    if (names.length === 0) return undefined;
    const gone = random.pick(names);
    return { ...world, args: Object.fromEntries(Object.entries(world.args).filter(([name]) => name !== gone)) };
  },
  "leave a file out of the build context": (random, world) => {
    const inContext = world.context === "." ? "" : `${world.context}/`;
    const path = pickPath(random, world, (_entry, each) => each.startsWith(inContext) && /^[\w./-]+$/.test(each));
    if (path === undefined) return undefined;
    const own = `${world.dockerfilePath}.dockerignore`;
    const lines = ignoreLines(world, own).filter((line) => line !== "");
    return withFiles(world, { [own]: file([...lines, path.slice(inContext.length), ""].join("\n")) });
  },
  "change the attributes": (random, world) => {
    const path = Object.keys(world.files).find((each) => each.endsWith(".gitattributes"));
    if (path === undefined) return undefined;
    return random.chance(0.5) ? withoutFile(world, path) : withFiles(world, { [path]: makeAttributes(random) });
  },
  "add attributes": (random, world) => {
    if (Object.keys(world.files).some((each) => each.endsWith(".gitattributes"))) return undefined;
    return withFiles(world, { ".gitattributes": makeAttributes(random) });
  },
  "edit a generated file or one of a submodule": (random, world) => {
    const path = pickPath(random, world, ({ kind }, each) => kind === "file" && /^(?:app\/)?(?:gen|sub)\//.test(each));
    return path === undefined ? undefined : withFiles(world, { [path]: file(`other ${random.next()}\n`) });
  },
  "change a proxy": (random, world) => {
    const name = random.pick(proxyArgs);
    return { ...world, args: { ...world.args, [name]: random.pick(["http://one.test", "http://two.test"]) } };
  },
  "change the platform": (random, world) =>
    world.platform === undefined ? undefined : { ...world, platform: random.pick(foreignPlatforms) },
  "point a named context elsewhere": (random, world) => {
    const [name] = Object.keys(world.contexts);
    const folders = ["other", "src", "app", "app/src", "."].filter(
      (folder) =>
        (world.context === "." || folder !== ".") &&
        Object.keys(world.files).some((path) => folder === "." || path.startsWith(`${folder}/`)),
    );
    if (name === undefined || folders.length === 0) return undefined;
    return { ...world, contexts: { ...world.contexts, [name]: random.pick(folders) } };
  },
  "edit a file of a named context": (random, world) => {
    const path = pickPath(random, world, (_entry, each) => each.startsWith("other/"));
    return path === undefined ? undefined : withFiles(world, { [path]: file(`other ${random.next()}\n`) });
  },
};

export function withFiles(world: World, more: Readonly<Record<string, Entry>>): World {
  return { ...world, files: withoutConflicts({ ...world.files, ...more }, world.dockerfilePath) };
}

function withoutFile(world: World, path: string): World {
  const left = Object.fromEntries(Object.entries(world.files).filter(([each]) => each !== path));
  return { ...world, files: withoutConflicts(left, world.dockerfilePath) };
}

export function pickPath(
  random: Random,
  world: World,
  isFit: (entry: Entry, path: string) => boolean,
): string | undefined {
  const fit = Object.entries(world.files).filter(
    ([path, entry]) => !path.endsWith(".dockerignore") && isFit(entry, path),
  );
  return fit.length === 0 ? undefined : random.pick(fit)[0];
}

export function foldersOf(world: World): string[] {
  return [...new Set(Object.keys(world.files).map((path) => path.slice(0, path.lastIndexOf("/") + 1)))];
}

function pickIgnoreFile(random: Random, world: World): string {
  const there = Object.keys(world.files).filter((path) => path.endsWith(".dockerignore"));
  const usual = world.context === "." ? ".dockerignore" : "app/.dockerignore";
  return random.pick(there.length === 0 ? [usual, `${world.dockerfilePath}.dockerignore`] : there);
}

function ignoreLines(world: World, path: string): string[] {
  const entry = world.files[path];
  return entry?.kind === "file" ? entry.content.split("\n") : [];
}

function withLine(random: Random, world: World, line: string): World {
  return { ...world, dockerfile: world.dockerfile.toSpliced(random.between(1, world.dockerfile.length), 0, line) };
}

function pickInstruction(random: Random, world: World, isFit: (line: string) => boolean): number | undefined {
  const fit = world.dockerfile.flatMap((line, index) =>
    line !== "" && !/^\s*#/.test(line) && isFit(line) ? [index] : [],
  );
  return fit.length === 0 ? undefined : random.pick(fit);
}

function withInstruction(world: World, index: number, edit: (line: string) => string): World {
  return { ...world, dockerfile: world.dockerfile.map((line, each) => (each === index ? edit(line) : line)) };
}
