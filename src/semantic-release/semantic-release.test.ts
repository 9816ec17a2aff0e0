import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { MemoryAuth } from "../registry/testing/registry-in-memory.ts";
import * as plugin from "./index.ts";
import { builtServices, makeSemanticReleaseWorld } from "./testing/world.ts";

// semantic-release starts git some fifty times a run.
vi.setConfig({ testTimeout: 240_000 });

describe("semantic-release with the plugin", () => {
  test("releases a first version, then a fix that builds one service, then nothing", async () => {
    const world = await makeSemanticReleaseWorld();
    const first = await world.release({}, "feat: open the shop");
    expect(first.errors).toEqual([]);
    expect(first.version).toBe("1.0.0");
    expect(builtServices(world)).toEqual(["api", "web"]);
    expect(Object.keys(world.visibleTags("api")).sort()).toEqual(["1", "1.0", "1.0.0", "latest"]);
    expect(first.releases).toEqual([expect.objectContaining({ name: "Container images", version: "1.0.0" })]);
    expect(first.output).toContain("To build: api, web; 0 of 2 services reused");

    const before = world.visibleTags("api")["latest"];
    const second = await world.release({ "web/index.html": "web 2" }, "fix(web): greet");
    expect([second.version, builtServices(world)]).toEqual(["1.0.1", ["web"]]);
    expect(world.visibleTags("api")).toMatchObject({ latest: before, "1.0.1": before, "1.0.0": before });
    expect(world.visibleTags("web")["latest"]).toBe(world.visibleTags("web")["1.0.1"]);
    expect(world.visibleTags("web")["latest"]).not.toBe(world.visibleTags("web")["1.0.0"]);

    const third = await world.release({ "api/main.txt": "api 2" }, "chore: tidy");
    expect([third.version, third.errors, builtServices(world)]).toEqual([undefined, [], []]);
    expect(Object.keys(world.visibleTags("api"))).not.toContain("1.0.2");
  });

  test("gives later jobs the version and digests, as the workflow's outputs", async () => {
    const world = await makeSemanticReleaseWorld();
    await world.release({}, "feat: open the shop");
    const lines = (await world.outputs()).trim().split("\n");
    expect(lines[0]).toBe("version=1.0.0");
    expect(JSON.parse(lines[1]?.replace("digests=", "") ?? "")).toEqual({
      api: world.visibleTags("api")["1.0.0"],
      web: world.visibleTags("web")["1.0.0"],
    });
  });

  test("a service that fails stops it before the git tag, says what was built, and moves no tag", async () => {
    const world = await makeSemanticReleaseWorld();
    await world.release({}, "feat: open the shop");
    const before = [world.visibleTags("api"), world.visibleTags("web")];
    world.docker.plan = ({ service }) =>
      service === "web" ? { fail: ["ERROR: failed to solve: no such file"] } : undefined;
    const ran = await world.release({ "web/index.html": "2", "api/main.txt": "2" }, "fix: both");
    expect(ran.errors).toEqual([
      expect.objectContaining({ code: "ESLIPWAYBUILD", message: expect.stringContaining("web did not build") }),
    ]);
    expect(ran.output).toContain("1 service built (api), 1 service failed (web); no tag moved");
    expect([world.visibleTags("api"), world.visibleTags("web")]).toEqual(before);
    expect(await world.repository.git("tag")).toBe("v1.0.0");
    // What was built is reused by the next run.
    world.docker.plan = undefined;
    expect((await world.release({}, "fix: again")).version).toBe("1.0.1");
    expect(builtServices(world)).toEqual(["web"]);
  });

  test("a dry run checks everything, and builds and moves nothing", async () => {
    const world = await makeSemanticReleaseWorld();
    const ran = await world.release({}, "feat: open the shop", { dryRun: true });
    expect(ran.errors).toEqual([]);
    expect(ran.output).toContain("To build: api, web");
    expect(builtServices(world)).toEqual([]);
    expect(world.memory.count({ method: "PUT" })).toBe(0);
  });

  test("a pre-release branch gives pre-releases, which move no tag", async () => {
    const world = await makeSemanticReleaseWorld();
    const branches = ["main", { name: "beta", prerelease: true as const }];
    await world.release({}, "feat: open the shop", { branches });
    await world.repository.git("checkout", "--quiet", "-b", "beta");
    const beta = await world.release({ "web/index.html": "beta" }, "feat: try", { branches });
    expect(beta.errors).toEqual([]);
    expect([beta.version, beta.releases[0]?.["channel"]]).toEqual(["1.1.0-beta.1", "beta"]);
    expect(world.visibleTags("web")["latest"]).toBe(world.visibleTags("web")["1.0.0"]);
    expect(Object.keys(world.visibleTags("web"))).toContain("1.1.0-beta.1");
  });

  test("a maintenance branch moves the tags of its own line, not latest", async () => {
    const world = await makeSemanticReleaseWorld();
    const branches = ["1.x", "main"];
    await world.release({}, "feat: open the shop", { branches: ["main"] });
    await world.repository.git("branch", "1.x");
    await world.repository.git("push", "--quiet", "origin", "1.x");
    await world.release({ "web/index.html": "two" }, "feat: other shop\n\nBREAKING CHANGE: all of it", { branches });
    await world.repository.git("checkout", "--quiet", "1.x");
    const old = await world.release({ "web/index.html": "old" }, "fix: old", { branches });
    expect(old.errors).toEqual([]);
    expect(old.version).toBe("1.0.1");
    const tags = world.visibleTags("web");
    expect([tags["1"], tags["1.0"], tags["latest"]]).toEqual([tags["1.0.1"], tags["1.0.1"], tags["2.0.0"]]);
  });

  test("on a channel of its own warns that image tags follow versions", async () => {
    const world = await makeSemanticReleaseWorld();
    const branches = ["main", "next"];
    await world.release({}, "feat: open the shop", { branches });
    await world.repository.git("checkout", "--quiet", "-b", "next");
    const next = await world.release({}, "feat: more", { branches });
    expect(next.output).toContain('The branch next releases on the channel "next", but image tags follow versions');
  });

  test("what another plugin changes in the working tree while it prepares is in the images", async () => {
    const world = await makeSemanticReleaseWorld();
    const bump = {
      prepare: (_config: unknown, context: { cwd: string; nextRelease: { version: string } }) =>
        writeFile(join(context.cwd, "api/main.txt"), context.nextRelease.version),
    };
    const plugins = ["@semantic-release/commit-analyzer", bump as never, { ...plugin } as never];
    const ran = await world.release({}, "feat: open the shop", { plugins });
    expect(ran.errors).toEqual([]);
    expect(world.docker.builds.find(({ service }) => service === "api")?.content).toContain('"1.0.0"');
  });
});

describe("before anything is done, every fault is told at once:", () => {
  test("no permission to push, another tag format, a change that is not committed, no builder", async () => {
    const auth: MemoryAuth = { kind: "basic", users: { bob: { password: "b0b", may: "pull" } } };
    const world = await makeSemanticReleaseWorld({ auth });
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
    const world = await makeSemanticReleaseWorld({
      config: "images: HOST/shop/{service}\nimage: a\nplatforms: [here]\n",
    });
    const { errors } = await world.release({}, "feat: a");
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ["ESLIPWAYCONFIGURATION", expect.stringContaining('slipway.yaml:2:1: unknown key "image"')],
      ["ESLIPWAYCONFIGURATION", expect.stringContaining("slipway.yaml:3:13")],
    ]);
  });

  test("several release groups and none named", async () => {
    const world = await makeSemanticReleaseWorld({
      config: "images: HOST/shop/{service}\nreleases: HOST/shop/releases\ngroups:\n  web: { services: [web] }\n",
    });
    const { errors } = await world.release({}, "feat: a");
    expect(errors[0]).toMatchObject({ code: "ESLIPWAYUSAGE", message: expect.stringContaining("default, web") });
    const settings = [{ ...plugin }, { group: "web" }] as never;
    const plugins = ["@semantic-release/commit-analyzer", settings];
    const named = await world.release({}, "feat: b", { plugins, tagFormat: "web-v${version}" });
    expect([named.errors, named.version, builtServices(world)]).toEqual([[], "1.0.0", ["web"]]);
  });
});
