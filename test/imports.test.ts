import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../src");

/** Imports that each room may have besides itself, `model`, `formats`, `host`, `errors` and `event`. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  inputs: ["dockerfile", "source"],
  // One reader of Dockerfiles and of patterns; buildx evaluates bake files.
  config: ["dockerfile", "buildkit"],
  cache: ["registry"],
  images: ["registry"],
  // A bundle holds a statement.
  sigstore: ["attestation"],
  // Our own builds go past the stand-in.
  buildkit: ["plugin"],
  // It tells addresses apart as BuildKit does.
  invocation: ["dockerfile"],
  records: ["registry", "images"],
  // A layer is traced to its line.
  layers: ["dockerfile"],
  report: ["plan", "plugin"],
  // It evaluates workflows on events.
  publishers: ["shell", "expressions", "workflow"],
  workflow: ["shell", "expressions", "metadata-action", "publishers"],
  "metadata-action": ["expressions"],
  // One way to change a line of YAML.
  deployments: ["workflow"],
};
const ground = new Set(["model", "formats", "host.ts", "errors.ts", "event.ts", "abort.ts", "temporary-folder.ts"]);
const doors = new Set(["cli", "action", "semantic-release", "index.ts", "node-host.ts", "http", "testing"]);
const pure = new Set([
  "model",
  "formats",
  "attestation",
  "dockerfile",
  "invocation",
  "plan",
  "notes",
  "workflow",
  "guides",
  "expressions",
  "metadata-action",
  "shell",
  "publishers",
  "layers",
  "deployments",
  "sbom",
]);

/** Imports that each part of `core` may have of the others. */
const coreParts: Readonly<Record<string, readonly string[]>> = {
  workspace: [],
  attesting: ["workspace"],
  planning: ["workspace", "attesting"],
  building: ["workspace", "attesting", "planning"],
  releasing: ["workspace", "attesting", "planning", "building", "layers", "sboms"],
  jobs: ["workspace", "attesting", "planning", "building", "releasing"],
  previews: ["workspace", "planning", "building", "releasing", "jobs", "layers"],
  caches: ["workspace"],
  layers: ["workspace", "planning"],
  deployments: ["workspace"],
  sboms: ["workspace", "planning", "layers"],
  history: ["workspace", "planning"],
  init: ["workspace", "releasing", "history"],
  scripts: ["drop-in"],
  "drop-in": ["workspace", "planning", "building"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly specifier: string;
}

const imports = sourceFiles(source).flatMap(readImports);

describe("the rooms of src", () => {
  test("that have rules are there", () => {
    const names = new Set([
      ...Object.keys(exceptions),
      ...Object.values(exceptions).flat(),
      ...ground,
      ...doors,
      ...pure,
    ]);
    expect([...names].filter((name) => !existsSync(join(source, name)))).toEqual([]);
  });

  test("import only downwards", () => {
    // The options of a command are declared once, beside its flags.
    const isRequest = ({ from, specifier }: Import): boolean =>
      from === "core" && /^\.\.\/\.\.\/commands\/\w+\/options\.ts$/.test(specifier);
    const wrong = imports.filter(
      (each) => each.specifier.startsWith(".") && !isAllowed(each.from, each.to) && !isRequest(each),
    );
    expect(wrong.map(render)).toEqual([]);
  });

  test("of core import one another in one direction", () => {
    const wrong = sourceFiles(join(source, "core")).flatMap((file) => {
      const part = relative(join(source, "core"), file).split("/")[0] ?? "";
      const others = [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"\.\.\/([\w-]+)\//g)];
      return others.flatMap(([, other = ""]) =>
        coreParts[part]?.includes(other) === true ? [] : [`${relative(source, file)} imports from ${other}`],
      );
    });
    expect(wrong).toEqual([]);
  });

  test("that are pure import neither the host nor Node's effects", () => {
    const effects = /^node:(?!crypto$|path$|path\/posix$|util$)/;
    const wrong = imports.filter(
      ({ from, to, specifier }) => pure.has(from) && (to === "host.ts" || effects.test(specifier)),
    );
    expect(wrong.map(render)).toEqual([]);
  });

  test("load Octokit when GitHub is spoken to, and not with a command", () => {
    expect(
      loadedWith(["cli/main.ts", "cli/run.ts", "index.ts"]).filter((name) => name.startsWith("@octokit/")),
    ).toEqual([]);
  });

  test("write to a stream what nothing in it can steer, or make the whole line themselves", () => {
    // The live view moves the cursor; a job's log is made of lines that are commands of ours or no commands.
    const own = new Set([
      "report/screen.ts",
      "report/github-log.ts",
      "cli/main.ts",
      "node-host.ts",
      "semantic-release/context.ts",
    ]);
    const wrong = sourceFiles(source).filter((file) => {
      const text = readFileSync(file, "utf8");
      return (
        !own.has(relative(source, file)) && /\b(?:stdout|stderr|output|stream)\.write\((?!terminalText\()/.test(text)
      );
    });
    expect(wrong.map((file) => relative(source, file))).toEqual([]);
  });

  test("run buildx through one function, which starts its plugin directly where it can", () => {
    // The second reads the command lines of others.
    const own = new Set(["buildkit/buildx.ts", "plugin/docker-command.ts"]);
    const others = sourceFiles(source).filter((file) => /\[\s*"buildx"/.test(readFileSync(file, "utf8")));
    expect(others.map((file) => relative(source, file)).filter((path) => !own.has(path))).toEqual([]);
  });

  test("leave child processes and the console to the real host and the doors", () => {
    const wrong = sourceFiles(source).filter((file) => {
      if (doors.has(roomOf(file))) return false;
      const text = readFileSync(file, "utf8");
      return /\bprocess\.(env|stdout|stderr|exit|cwd)\b|\bconsole\.|node:child_process|\bDate\.now\(/.test(text);
    });
    expect(wrong.map((file) => relative(source, file))).toEqual([]);
  });
});

/** Names of the variables by which GitHub's runner and `gh` describe a run. */
const ciName = /\b(?:GITHUB|GH|ACTIONS|RUNNER)_[A-Z0-9_]+/;

describe("the variables of a run of CI", () => {
  test("are read by one module", () => {
    // They look for the names in files that people wrote, or write them there.
    const others =
      /^(?:workflow\/|publishers\/|guides\/|config\/(?:sources\/suspicious-args|written\/written-service)\.ts$)/;
    const readers = sourceFiles(source).filter((file) => namesCiVariable(readFileSync(file, "utf8")));
    expect(readers.map((file) => relative(source, file)).filter((path) => !others.test(path))).toEqual([
      "github/run.ts",
    ]);
  });

  test.each([
    ['const run = env["GITHUB_RUN_ID"];', true],
    ["const { ACTIONS_CACHE_MODE: mode } = host.env;", true],
    ["process.env.RUNNER_TEMP", true],
    ['["GH_TOKEN"].map((name) => env[name])', true],
    ["`GITHUB_${name}`", true],
    ['env["CI"]', true],
    ['say("set GH_TOKEN (or GITHUB_TOKEN in a workflow)")', false],
    ["// GITHUB_SHA is the merge", false],
  ])("are found in %s: %s", (text, found) => expect(namesCiVariable(text)).toBe(found));
});

test("no file imports node:http, by which Node would load its own fetch: `process.getBuiltinModule` does not", () => {
  const importing = sourceFiles(source).filter((file) =>
    /^(?:import|\}) (?!type )[^;]*?from "node:https?";/m.test(
      readFileSync(file, "utf8").replace(/^import type [^]*?;$/gm, ""),
    ),
  );
  expect(importing).toEqual([]);
});

/** Whether a text has such a name as a whole string, as a beginning of one, or as a property; in a sentence or a comment it is only told. */
function namesCiVariable(text: string): boolean {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "").replace(/\s\/\/ .*$/gm, "");
  const strings = [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(
    (found) => found[1] ?? found[2] ?? "",
  );
  const rest = code.replace(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '""');
  const isWhole = (string: string): boolean =>
    new RegExp(`^${ciName.source}$`).test(string) || /^(?:GITHUB|GH|ACTIONS|RUNNER)_(?:\$|$)/.test(string);
  return strings.some(isWhole) || ciName.test(rest) || /\benv(?:\.CI\b|\["CI"\])/.test(code);
}

function isAllowed(from: string, to: string): boolean {
  if (from === to || doors.has(from)) return true;
  if (from === "model" || from === "formats") return to === "model";
  if (ground.has(to)) return true;
  if (from === "commands") return !doors.has(to);
  if (from === "core") return !doors.has(to) && to !== "commands";
  if (ground.has(from)) return false;
  return exceptions[from]?.includes(to) ?? false;
}

/** Source files that are shipped: no tests, and not the fakes that only tests use. */
function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.split("/").includes("testing"))
    .map((path) => join(folder, path));
}

/** Packages that are loaded with these files: by them, and by what they load, at once. */
function loadedWith(files: readonly string[]): string[] {
  const seen = new Set(files.map((file) => join(source, file)));
  const packages = new Set<string>();
  for (const file of seen) {
    const text = readFileSync(file, "utf8").replace(/^(?:import|export) type [^]*?;$/gm, "");
    for (const [, specifier = ""] of text.matchAll(/^(?:import|export|\}) ?[^;]*?from "([^"]+)";/gm)) {
      if (specifier.startsWith(".")) seen.add(resolve(dirname(file), specifier));
      else packages.add(specifier);
    }
  }
  return [...packages];
}

function readImports(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const found = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)];
  return found.map(([, specifier = ""]) => {
    const target = specifier.startsWith(".") ? roomOf(resolve(dirname(file), specifier)) : specifier;
    return { file: relative(source, file), from: roomOf(file), to: target, specifier };
  });
}

function roomOf(file: string): string {
  return relative(source, file).split("/")[0] ?? "";
}

function render({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`;
}
