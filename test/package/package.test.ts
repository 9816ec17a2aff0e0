import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);

interface Packed {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

let folder: string;
let consumer: string;
let repository: TestRepository;
let tarball: string;
let files: readonly string[];

/** Packs a copy of the sources, so that nobody's `dist` is touched, and installs it into a project that has nothing. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-package-"));
  consumer = join(folder, "consumer");
  tarball = await pack(join(folder, "source"), folder);
  files = (await run("tar", ["-tzf", tarball], folder)).stdout.trimEnd().split("\n");
  await mkdir(consumer);
  await writeFile(join(consumer, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run(
    "npm",
    ["install", "--engine-strict", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball],
    consumer,
  );
  repository = await makeTestRepository({
    "api/Dockerfile": "FROM scratch\nCOPY . /\n",
    "api/main.js": "console.log(1);\n",
    "slipway.yaml": "images: reg.test/shop/{service}\n",
  });
}, 180_000);

afterAll(async () => {
  await repository.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function pack(source: string, destination: string): Promise<string> {
  const modules = join(root, "node_modules");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  // Otherwise packing would install into the modules that are linked below.
  expect(readFileSync(join(modules, ".slipway-lock"), "utf8"), "run `npm run setup` first").toBe(lock);
  await mkdir(source);
  const parts = ["src", "scripts", "docs", "tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"];
  for (const part of [...parts, "README.md", "LICENSE", "CHANGELOG.md"]) {
    await cp(join(root, part), join(source, part), { recursive: true });
  }
  await symlink(modules, join(source, "node_modules"));
  await run("npm", ["pack", "--pack-destination", destination], source);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Packed;
  return join(destination, `slipway-${version}.tgz`);
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Fails when the program does, unless its exit code is asked for. */
async function run(program: string, args: readonly string[], cwd: string, mayFail = false): Promise<Ran> {
  const { PATH, HOME } = process.env;
  const settings = Object.entries(process.env).filter(([name]) =>
    /^npm_config_(registry|cache|userconfig)$/i.test(name),
  );
  const env = { ...Object.fromEntries(settings), PATH, HOME, NO_COLOR: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  try {
    return { exitCode: 0, ...(await promisify(execFile)(program, args, { cwd, env, maxBuffer: 1 << 26 })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    if (mayFail && typeof code === "number") return { exitCode: code, stdout, stderr };
    throw new Error(`${program} ${args.join(" ")}:\n${stdout}\n${stderr}`, { cause: error });
  }
}

describe("the package", () => {
  test("holds the program, its reference, README, LICENSE and CHANGELOG, and nothing else", () => {
    const allowed =
      /^package\/(dist\/.*\.(js|d\.ts)|dist\/cli\/LICENSES\.txt|docs\/reference\/[^/]+\.(md|json)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
    expect(files.filter((file) => !allowed.test(file))).toEqual([]);
    expect(files.filter((file) => /\/testing\/|\.test\./.test(file))).toEqual([]);
    for (const file of ["dist/cli/main.js", "dist/index.d.ts", "docs/reference/plan.schema.json", "LICENSE"]) {
      expect(files).toContain(`package/${file}`);
    }
  });

  test("is what publint asks for", async () => {
    const { stdout } = await run(bin("publint"), ["run", tarball, "--strict"], root);
    expect(stdout).toContain("All good!");
  });

  test("installs what the project depends on and what that needs, and no script", async () => {
    const { stdout } = await run("npm", ["ls", "--all", "--parseable"], consumer);
    const folder = "/node_modules/";
    const names = stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((path) => path.slice(path.lastIndexOf(folder) + folder.length));
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Packed;
    expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    // More than twice as many would be a dependency whose own ones nobody looked at (decision 0001).
    expect(names.length).toBeLessThan(100);
    expect(existsSync(join(consumer, "node_modules/.package-lock.json"))).toBe(true);
    expect(readFileSync(join(consumer, "node_modules/.package-lock.json"), "utf8")).not.toContain("hasInstallScript");
  });
});

describe("the installed command", () => {
  test("npx slipway --version prints its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Packed;
    expect((await run("npx", ["slipway", "--version"], consumer)).stdout).toBe(`${version}\n`);
  });

  test("slipway services --json tells what is in a repository", async () => {
    const slipway = join(consumer, "node_modules/.bin/slipway");
    const { stdout } = await run(slipway, ["services", "--json", "--repo", repository.root], consumer);
    expect(JSON.parse(stdout)).toMatchObject({
      services: [{ service: "api", images: ["reg.test/shop/api"] }],
      leftOut: [],
    });
  });

  test("says what to do on a Node that is not supported, with exit code 2", async () => {
    const old = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.0"}})`;
    const main = join(consumer, "node_modules/slipway/dist/cli/main.js");
    const { exitCode, stderr } = await run(process.execPath, ["--import", old, main, "plan"], consumer, true);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining("slipway needs Node ^22.22.2 || ^24.15.0 || >=26, and this is Node 18.20.0"),
    });
  });
});

describe("the installed library", () => {
  test("runs", async () => {
    const script = `
      import { build, inputs, plan, release, services } from "slipway";
      const { services: found } = await services({ repo: ${JSON.stringify(repository.root)} });
      const { files } = await inputs("api", { repo: ${JSON.stringify(repository.root)}, offline: true });
      const types = [build, plan, release].map((each) => typeof each);
      console.log(JSON.stringify({ found: found.map(({ service }) => service), files: files.length, types }));`;
    await writeFile(join(consumer, "use.js"), script);
    const { stdout } = await run(process.execPath, ["use.js"], consumer);
    expect(JSON.parse(stdout)).toEqual({ found: ["api"], files: 2, types: ["function", "function", "function"] });
  });

  test("is found as semantic-release finds a plugin, and has its steps", async () => {
    const script = `
      import { createRequire } from "node:module";
      import { pathToFileURL } from "node:url";
      const file = createRequire(import.meta.url).resolve("slipway/semantic-release");
      console.log(JSON.stringify(Object.keys(await import(pathToFileURL(file))).sort()));`;
    await writeFile(join(consumer, "use-plugin.js"), script);
    const { stdout } = await run(process.execPath, ["use-plugin.js"], consumer);
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(["fail", "prepare", "publish", "verifyConditions"]));
  });

  test.each(["NodeNext", "Bundler"])("has types that a strict compiler takes whole (%s)", async (resolution) => {
    const script = `
      import { build, plan, release, SlipwayError, type Event, type Plan, type ReleaseDocument } from "slipway";
      const events: Event[] = [];
      const made: Plan = await plan({ repo: ".", services: ["api"], onEvent: (event) => events.push(event) });
      for (const { service, kind, reason } of made.steps) {
        if (reason.kind === "inputs-changed") console.log(service, kind, reason.changes.length);
      }
      const { services } = await build({ force: true });
      const done: ReleaseDocument = await release({ version: "1.2.0", dryRun: true }).catch((error: unknown) => {
        throw error instanceof SlipwayError ? new Error(error.code) : error;
      });
      console.log(services.length, done.state satisfies "released" | "already" | "failed" | "dry-run" | "nothing");
      // @ts-expect-error a version is text
      await release({ version: 1 });`;
    await writeFile(join(consumer, "use.ts"), script);
    await writeFile(join(consumer, "tsconfig.json"), JSON.stringify(consumerOptions(resolution)));
    const { exitCode, stdout } = await run(bin("tsc"), ["--noEmit", "-p", "."], consumer, true);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });
});

/** A strict project that looks into every type it uses; Node's types come from this project. */
function consumerOptions(resolution: string): object {
  return {
    files: ["use.ts"],
    compilerOptions: {
      target: "ES2023",
      lib: ["ES2023"],
      module: resolution === "NodeNext" ? "NodeNext" : "ESNext",
      moduleResolution: resolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
  };
}
