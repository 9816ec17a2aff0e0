import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCommandLine } from "../../scripts/bundle-command-line.ts";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";

const root = resolve(import.meta.dirname, "../..");

let folder: string;
let metafile: Metafile;
let repository: TestRepository;
let registry: Server;

/** The bundle, a registry that has nothing, and a repository with one service. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-bundle-"));
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  metafile = await bundleCommandLine(join(folder, "dist/cli"));
  writeFileSync(join(folder, "hook.mjs"), hook);
  registry = createServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((listening) => registry.listen(0, "127.0.0.1", listening));
  const address = registry.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  repository = await makeTestRepository({
    "api/Dockerfile": "FROM scratch\nCOPY main.js /\n",
    "api/main.js": "console.log(1);\n",
    "slipway.yaml": `images: 127.0.0.1:${port}/shop/{service}\n`,
  });
});
afterAll(async () => {
  await new Promise((closed) => registry.close(closed));
  await repository.dispose();
  rmSync(folder, { recursive: true });
});

/** Writes down every module that Node loads. */
const hook = `
import { appendFileSync } from "node:fs";
import { register } from "node:module";
const source = \`import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync(\${JSON.stringify(process.env.LOADED)}, url + "\\\\n");
  return next(url, context);
}\`;
appendFileSync(process.env.LOADED, "");
register("data:text/javascript," + encodeURIComponent(source));
`;

interface Loaded {
  /** Packages from the registry, sorted. */
  readonly packages: readonly string[];
  /** Folders (and files) of `src/`, sorted. */
  readonly rooms: readonly string[];
  readonly sources: readonly string[];
}

/** Source files that a command loads. */
async function loadedBy(...args: readonly string[]): Promise<Loaded> {
  const list = join(folder, `loaded-${args.join("-")}.txt`);
  const main = join(folder, "dist/cli/main.js");
  await promisify(execFile)(process.execPath, ["--import", join(folder, "hook.mjs"), main, ...args], {
    cwd: repository.root,
    env: { ...repository.host.env, LOADED: list },
  });
  const urls = readFileSync(list, "utf8").split("\n");
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => relative(folder, fileURLToPath(url)));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [resolve(root, path), output]));
  const sources = files.flatMap((file) => {
    const inputs = outputs.get(resolve(folder, file))?.inputs ?? {};
    return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
  });
  const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
  return {
    packages: unique(sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])),
    rooms: unique(sources.flatMap((path) => /^src\/([^/]+)/.exec(path)?.[1] ?? [])),
    sources: unique(sources),
  };
}

describe("the command line loads only what a command needs:", () => {
  test("for the help and the version that is the commands' names and options", async () => {
    for (const option of ["--help", "--version"]) {
      const { packages, rooms } = await loadedBy(option);
      expect(packages).toEqual(["commander"]);
      expect(rooms).toEqual([
        "cache",
        "cli",
        "commands",
        "errors.ts",
        "formats",
        "model",
        "node-host.ts",
        "node-version.ts",
      ]);
    }
  });

  test("for a plan neither GitHub's client, nor workflows, nor a proxy's", async () => {
    const { packages, rooms, sources } = await loadedBy("plan");
    expect(packages).toEqual(["commander", "get-east-asian-width", "yaml", "zod"]);
    for (const room of ["action", "guides", "workflow"]) expect(rooms).not.toContain(room);
    expect(sources).not.toContain("src/github/client.ts");
  });

  test("of the configuration's readers those whose files are there", async () => {
    const { sources } = await loadedBy("services");
    expect(sources).toContain("src/config/written/written.ts");
    for (const reader of ["bake", "compose", "skaffold"])
      expect(sources).not.toContain(`src/config/sources/${reader}.ts`);
  });

  test("and of the schema library's languages one", async () => {
    const { sources } = await loadedBy("plan");
    const locales = sources.filter((path) => path.includes("/locales/")).map((path) => path.split("/").at(-1));
    expect(locales).toEqual(["en.js"]);
  });
});
