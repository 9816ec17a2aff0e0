import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import semanticRelease, { type Options } from "semantic-release";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Engine, makeEngine, type Solve, type SolvePlan } from "../pipeline/testing/engine.ts";
import { makeRegistry } from "../registry/registry.ts";
import {
  type MemoryAuth,
  makeRegistryInMemory,
  type RegistryInMemory,
} from "../registry/testing/registry-in-memory.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../source/testing/repository.ts";
import { makeTestHost } from "../testing/test-host.ts";
import * as plugin from "./index.ts";
import { makeEngineProgram } from "./testing/engine-program.ts";

interface World {
  readonly repository: TestRepository;
  readonly memory: RegistryInMemory;
  readonly engine: Engine;
  plan(next: (solve: Solve) => SolvePlan | undefined): void;
  /** Commits with this message, pushes, and runs semantic-release as a CI job would. */
  release(files: Readonly<Record<string, TestFile>>, message: string, options?: Options): Promise<Ran>;
  tags(service: string): Record<string, string>;
  readonly outputs: () => Promise<string>;
}

interface Ran {
  readonly version: string | undefined;
  readonly releases: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly code?: string; readonly message: string; readonly pluginName?: string }[];
  readonly output: string;
}

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY . /api\n",
  "api/main.txt": "api 1",
  "web/Dockerfile": "FROM scratch\nCOPY . /web\n",
  "web/index.html": "web 1",
};

async function makeWorld(
  given: { auth?: MemoryAuth; config?: string; env?: Record<string, string> } = {},
): Promise<World> {
  const memory = makeRegistryInMemory(given.auth === undefined ? {} : { auth: given.auth });
  const server = await memory.listen();
  onTestFinished(() => server.close());
  const config = given.config ?? "images: HOST/shop/{service}\n";
  const repository = await makeTestRepository({ ...files, "slipway.yaml": config.replaceAll("HOST", server.host) });
  onTestFinished(repository.dispose);
  const remote = await mkdtemp(join(tmpdir(), "slipway-remote-"));
  onTestFinished(() => rm(remote, { recursive: true, force: true }));
  await repository.git("init", "--quiet", "--bare", "--initial-branch=main", remote);
  await repository.git("remote", "add", "origin", `file://${remote}`);
  let planOf: (solve: Solve) => SolvePlan | undefined = () => undefined;
  const engine = makeEngine(
    () => makeRegistry(makeTestHost({ fetch: memory.fetch })),
    (solve) => planOf(solve),
  );
  const folder = await makeEngineProgram(engine);
  const outputs = join(remote, "outputs.txt");
  await writeFile(outputs, "");
  const env = {
    ...repository.host.env,
    PATH: `${folder}:${repository.host.env["PATH"] ?? ""}`,
    DOCKER_CONFIG: remote,
    GITHUB_OUTPUT: outputs,
    ...given.env,
  };
  return {
    repository,
    memory,
    engine,
    plan: (next) => {
      planOf = next;
    },
    release: async (changed, message, options = {}) => {
      engine.solves.length = 0;
      await repository.commit(changed, message);
      const branch = await repository.git("rev-parse", "--abbrev-ref", "HEAD");
      await repository.git("push", "--quiet", "origin", branch);
      return run({ repositoryUrl: `file://${remote}`, ...options }, { cwd: repository.root, env });
    },
    tags: (service) => {
      const tags = Object.entries({ ...memory.snapshot()[`shop/${service}`]?.tags });
      return Object.fromEntries(tags.filter(([tag]) => !/^(?:fp-|build-)/.test(tag)));
    },
    outputs: () => readFile(outputs, "utf8"),
  };
}

async function run(options: Options, given: { cwd: string; env: Record<string, string | undefined> }): Promise<Ran> {
  let output = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      output += chunk.toString("utf8");
      done();
    },
  });
  const ours = { ...plugin } as never;
  const plugins = ["@semantic-release/commit-analyzer", "@semantic-release/release-notes-generator", ours];
  const context = {
    ...given,
    env: given.env as Record<string, string>,
    stdout: stream as never,
    stderr: stream as never,
  };
  try {
    const result = await semanticRelease({ branches: ["main"], plugins, ci: false, ...options }, context);
    if (result === false) return { version: undefined, releases: [], errors: [], output };
    return {
      version: result.nextRelease.version,
      releases: result.releases.map((each) => ({ ...each })),
      errors: [],
      output,
    };
  } catch (error) {
    const errors = error instanceof Error && "errors" in error ? [...(error.errors as Error[])] : [error as Error];
    return { version: undefined, releases: [], errors, output };
  }
}

function services(engine: Engine): string[] {
  return engine.solves.map(({ service }) => service).sort();
}

describe("semantic-release with the plugin", () => {
  test("releases a first version, then a fix that builds one service, then nothing", async () => {
    const world = await makeWorld();
    const first = await world.release({}, "feat: open the shop");
    expect(first.errors).toEqual([]);
    expect(first.version).toBe("1.0.0");
    expect(services(world.engine)).toEqual(["api", "web"]);
    expect(Object.keys(world.tags("api")).sort()).toEqual(["1", "1.0", "1.0.0", "latest"]);
    expect(first.releases).toEqual([expect.objectContaining({ name: "Container images", version: "1.0.0" })]);
    expect(first.output).toContain("To build: api, web; 0 of 2 services reused");

    const before = world.tags("api")["latest"];
    const second = await world.release({ "web/index.html": "web 2" }, "fix(web): greet");
    expect([second.version, services(world.engine)]).toEqual(["1.0.1", ["web"]]);
    expect(world.tags("api")).toMatchObject({ latest: before, "1.0.1": before, "1.0.0": before });
    expect(world.tags("web")["latest"]).toBe(world.tags("web")["1.0.1"]);
    expect(world.tags("web")["latest"]).not.toBe(world.tags("web")["1.0.0"]);

    const third = await world.release({ "api/main.txt": "api 2" }, "chore: tidy");
    expect([third.version, third.errors, services(world.engine)]).toEqual([undefined, [], []]);
    expect(Object.keys(world.tags("api"))).not.toContain("1.0.2");
  });

  test("gives later jobs the version and digests, as the workflow's outputs", async () => {
    const world = await makeWorld();
    await world.release({}, "feat: open the shop");
    const lines = (await world.outputs()).trim().split("\n");
    expect(lines[0]).toBe("version=1.0.0");
    expect(JSON.parse(lines[1]?.replace("digests=", "") ?? "")).toEqual({
      api: world.tags("api")["1.0.0"],
      web: world.tags("web")["1.0.0"],
    });
  });

  test("a service that fails stops it before the git tag, says what was built, and moves no tag", async () => {
    const world = await makeWorld();
    await world.release({}, "feat: open the shop");
    const before = [world.tags("api"), world.tags("web")];
    world.plan(({ service }) => (service === "web" ? { fail: { says: "no such file" } } : undefined));
    const ran = await world.release({ "web/index.html": "2", "api/main.txt": "2" }, "fix: both");
    expect(ran.errors).toEqual([
      expect.objectContaining({ code: "ESLIPWAYBUILD", message: expect.stringContaining("web did not build") }),
    ]);
    expect(ran.output).toContain("1 service built (api), 1 service failed (web); no tag moved");
    expect([world.tags("api"), world.tags("web")]).toEqual(before);
    expect(await world.repository.git("tag")).toBe("v1.0.0");
    // What was built is reused by the next run.
    world.plan(() => undefined);
    expect((await world.release({}, "fix: again")).version).toBe("1.0.1");
    expect(services(world.engine)).toEqual(["web"]);
  });

  test("a dry run checks everything, and builds and moves nothing", async () => {
    const world = await makeWorld();
    const ran = await world.release({}, "feat: open the shop", { dryRun: true });
    expect(ran.errors).toEqual([]);
    expect(ran.output).toContain("To build: api, web");
    expect(services(world.engine)).toEqual([]);
    expect(world.memory.count({ method: "PUT" })).toBe(0);
  });

  test("a pre-release branch gives pre-releases, which move no tag", async () => {
    const world = await makeWorld();
    const branches = ["main", { name: "beta", prerelease: true as const }];
    await world.release({}, "feat: open the shop", { branches });
    await world.repository.git("checkout", "--quiet", "-b", "beta");
    const beta = await world.release({ "web/index.html": "beta" }, "feat: try", { branches });
    expect(beta.errors).toEqual([]);
    expect([beta.version, beta.releases[0]?.["channel"]]).toEqual(["1.1.0-beta.1", "beta"]);
    expect(world.tags("web")["latest"]).toBe(world.tags("web")["1.0.0"]);
    expect(Object.keys(world.tags("web"))).toContain("1.1.0-beta.1");
  });

  test("a maintenance branch moves the tags of its own line, not latest", async () => {
    const world = await makeWorld();
    const branches = ["1.x", "main"];
    await world.release({}, "feat: open the shop", { branches: ["main"] });
    await world.repository.git("branch", "1.x");
    await world.repository.git("push", "--quiet", "origin", "1.x");
    await world.release({ "web/index.html": "two" }, "feat: other shop\n\nBREAKING CHANGE: all of it", { branches });
    await world.repository.git("checkout", "--quiet", "1.x");
    const old = await world.release({ "web/index.html": "old" }, "fix: old", { branches });
    expect(old.errors).toEqual([]);
    expect(old.version).toBe("1.0.1");
    const tags = world.tags("web");
    expect([tags["1"], tags["1.0"], tags["latest"]]).toEqual([tags["1.0.1"], tags["1.0.1"], tags["2.0.0"]]);
  });

  test("on a channel of its own warns that image tags follow versions", async () => {
    const world = await makeWorld();
    const branches = ["main", "next"];
    await world.release({}, "feat: open the shop", { branches });
    await world.repository.git("checkout", "--quiet", "-b", "next");
    const next = await world.release({}, "feat: more", { branches });
    expect(next.output).toContain('The branch next releases on the channel "next", but image tags follow versions');
  });

  test("what another plugin changes in the working tree while it prepares is in the images", async () => {
    const world = await makeWorld();
    const bump = {
      prepare: (_config: unknown, context: { cwd: string; nextRelease: { version: string } }) =>
        writeFile(join(context.cwd, "api/main.txt"), context.nextRelease.version),
    };
    const plugins = ["@semantic-release/commit-analyzer", bump as never, { ...plugin } as never];
    const ran = await world.release({}, "feat: open the shop", { plugins });
    expect(ran.errors).toEqual([]);
    expect(world.engine.solves.find(({ service }) => service === "api")?.content).toContain('"1.0.0"');
  });
});

describe("before anything is done, every fault is told at once:", () => {
  test("no permission to push, another tag format, a change that is not committed, no builder", async () => {
    const auth: MemoryAuth = { kind: "basic", users: { bob: { password: "b0b", may: "pull" } } };
    const world = await makeWorld({ auth });
    const docker = { auths: {} };
    await world.repository.write({ "api/main.txt": "changed" });
    await world.repository.git("commit", "--quiet", "--allow-empty", "-m", "feat: a");
    const { root, host } = world.repository;
    const errors: { code?: string; message: string }[] = [];
    const said: string[] = [];
    const logger = { log: String, warn: (text: string) => void said.push(text), error: String };
    const empty = await mkdtemp(join(tmpdir(), "slipway-empty-"));
    onTestFinished(() => rm(empty, { recursive: true, force: true }));
    await writeFile(join(empty, "config.json"), JSON.stringify(docker));
    const git = (await host.run("sh", ["-c", "command -v git"])).stdout;
    const context = {
      cwd: root,
      env: {
        ...host.env,
        PATH: new TextDecoder()
          .decode(git)
          .trim()
          .replace(/\/git$/, ""),
        DOCKER_CONFIG: empty,
        DOCKER_HOST: "unix:///nowhere",
      },
      stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
      stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
      logger,
      options: { tagFormat: "release-${version}" },
      branch: { name: "main" },
    };
    await plugin.verifyConditions({}, context).catch((error: unknown) => {
      if (!(error instanceof AggregateError)) throw error;
      errors.push(...(error.errors as Error[]));
    });
    const codes = errors.map(({ code }) => code);
    expect(codes).toContain("ESLIPWAYREPOSITORY");
    expect(codes).toContain("ESLIPWAYCONFIGURATION");
    expect(codes).toContain("ESLIPWAYCREDENTIALS");
    expect(codes).toContain("ESLIPWAYUNAVAILABLE");
    expect(errors.map(({ message }) => message).join("\n")).toContain(
      'semantic-release tags versions as "release-${version}", and the release group default as "v${version}"',
    );
    expect(errors.every((error) => "semanticRelease" in error && error.semanticRelease === true)).toBe(true);
  });

  test("each line of a configuration that does not fit", async () => {
    const world = await makeWorld({ config: "images: HOST/shop/{service}\nimage: a\nplatforms: [here]\n" });
    const { errors } = await world.release({}, "feat: a");
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ["ESLIPWAYCONFIGURATION", expect.stringContaining('slipway.yaml:2:1: unknown key "image"')],
      ["ESLIPWAYCONFIGURATION", expect.stringContaining("slipway.yaml:3:13")],
    ]);
  });

  test("several release groups and none named", async () => {
    const world = await makeWorld({
      config: "images: HOST/shop/{service}\nreleases: HOST/shop/releases\ngroups:\n  web: { services: [web] }\n",
    });
    const { errors } = await world.release({}, "feat: a");
    expect(errors[0]).toMatchObject({ code: "ESLIPWAYUSAGE", message: expect.stringContaining("default, web") });
    const settings = [{ ...plugin }, { group: "web" }] as never;
    const plugins = ["@semantic-release/commit-analyzer", settings];
    const named = await world.release({}, "feat: b", { plugins, tagFormat: "web-v${version}" });
    expect([named.errors, named.version, services(world.engine)]).toEqual([[], "1.0.0", ["web"]]);
  });
});
