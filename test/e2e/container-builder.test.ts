import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type SandboxBuilder, startBuilder, whyNoBuilder } from "../../sandbox/index.ts";
import { makeRepo, type Ran, type Repo } from "./rig.ts";

// setup-buildx-action makes such a builder, and most workflows use it.

const sandbox = inject("sandbox");
const missing = sandbox === null ? "there is no engine" : whyNoBuilder(sandbox, "container");
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const files = {
  "base/Dockerfile": "FROM busybox\nCOPY lib.txt /lib.txt\nRUN cat /lib.txt > /built.txt\n",
  "base/lib.txt": "lib 1\n",
  "api/Dockerfile": "FROM base\nCOPY main.txt /main.txt\nRUN grep -q lib /built.txt\n",
  "api/main.txt": "api 1\n",
  "web/Dockerfile": "FROM scratch\nCOPY index.html /\n",
  "web/index.html": "web 1\n",
};
const config = `services:
  base: { context: base }
  api: { context: api, contexts: { base: { service: base } } }
  web: { context: web }
`;

describe.skipIf(missing !== undefined)(`a builder in a container${missing === undefined ? "" : `: ${missing}`}`, () => {
  let builder: SandboxBuilder | undefined;
  beforeAll(async () => {
    if (sandbox === null) return;
    builder = await startBuilder(sandbox, { name: `e2e-container-${process.pid}`, kind: "container", log });
  });
  afterAll(() => builder?.close());

  const withRepo = async (
    options: Parameters<typeof makeRepo>[1],
    use: (repo: Repo) => Promise<void>,
  ): Promise<void> => {
    const repo = await makeRepo(files, { config, ...options, env: { ...builder?.env, ...options?.env } });
    try {
      await use(repo);
    } finally {
      await repo.remove();
    }
  };
  const services = (ran: Ran): string[] =>
    (ran.json() as { services: { service: string; outcome: string }[] }).services.map(
      ({ service, outcome }) => `${service} ${outcome}`,
    );

  test("releases, reuses what did not change, and builds what did with what needs it", () =>
    withRepo({}, async (repo) => {
      const first = await repo.slipway("release", "1.0.0", "--json");
      expect(first.stderr).not.toContain("warning");
      expect(services(first)).toEqual(["base built", "api built", "web built"]);
      await repo.commit({ "README.md": "more" });
      expect(services(await repo.slipway("release", "1.0.1", "--json"))).toEqual([
        "base reused",
        "api reused",
        "web reused",
      ]);
      expect(await repo.digest("api", "1.0.1")).toBe(await repo.digest("api", "1.0.0"));
      await repo.commit({ "base/lib.txt": "lib 2\n" });
      expect(services(await repo.slipway("release", "1.1.0", "--json"))).toEqual([
        "base built",
        "api built",
        "web reused",
      ]);
      expect(await repo.digest("api", "1.1.0")).not.toBe(await repo.digest("api", "1.0.0"));
      expect(await repo.visibleTags("api")).toEqual(["1", "1.0", "1.0.0", "1.0.1", "1.1", "1.1.0", "latest"]);
    }));

  test("builds a pull request and pushes nothing, though one service starts from another", () =>
    withRepo({}, async (repo) => {
      const path = join(repo.folder, ".git", "event.json");
      const sha = (await repo.git("rev-parse", "HEAD")).trim();
      await writeFile(path, JSON.stringify({ pull_request: { number: 7, base: { sha } } }));
      const env = { GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/7/merge", GITHUB_EVENT_PATH: path };
      const before = await repo.listing();
      const built = await repo.start(["build", "--json"], { env }).ended;
      expect(services(built)).toEqual(["base built", "api built", "web built"]);
      expect(await repo.listing()).toEqual(before);
    }));

  test("that fails tells the instruction, and no tag moves", () =>
    withRepo({}, async (repo) => {
      await repo.commit({ "web/Dockerfile": "FROM busybox\nRUN echo why; exit 7\n" });
      const failed = await repo.slipway("release", "1.0.0");
      expect(failed.exitCode).toBe(1);
      expect(failed.stderr).toMatch(/web\/Dockerfile:2: RUN echo why; exit 7: exit code 7/);
      expect(await repo.visibleTags("base")).toEqual([]);
    }));

  test("is refused before the first build where RUN needs a platform that it lacks", () =>
    withRepo(
      { config: config.replace("{ context: base }", "{ context: base, platforms: [linux/s390x] }") },
      async (repo) => {
        await repo.commit({ "base/Dockerfile": 'FROM scratch\nRUN ["/x"]\n' });
        const refused = await repo.slipway("build", "base");
        expect(refused.exitCode).toBe(5);
        expect(refused.stderr).toMatch(
          /error: the builder "e2e-container-\d+" cannot run linux\/s390x, and RUN of base needs it/,
        );
        expect(refused.stderr).toMatch(/hint: install emulation: docker run .*--install s390x/);
      },
    ));
});

describe.skipIf(missing !== undefined)("a builder in a container with a network of its own", () => {
  let builder: SandboxBuilder | undefined;
  beforeAll(async () => {
    if (sandbox === null) return;
    const name = `e2e-own-${process.pid}`;
    builder = await startBuilder(sandbox, { name, kind: "container-with-own-network", log });
  });
  afterAll(() => builder?.close());

  test("is said not to reach a registry on loopback, in one line, before anything is built", async () => {
    const repo = await makeRepo(files, { config, env: { ...builder?.env } });
    const refused = await repo.slipway("release", "1.0.0");
    await repo.remove();
    expect(refused.exitCode).toBe(5);
    const told = refused.stderr.split("\n").filter((line) => /^error|^ hint|warning|connection/.test(line));
    expect(told).toEqual([
      expect.stringMatching(
        /^error: the builder "e2e-own-\d+" has a loopback of its own, where 127\.0\.0\.1:\d+ is not/,
      ),
      expect.stringMatching(/^ hint: .*--driver-opt network=host$/),
    ]);
  });
});

describe.skipIf(sandbox === null)("a builder that is down", () => {
  test("is named, with what to do, and no service is tried", async () => {
    const repo = await makeRepo(files, { config, env: { BUILDX_BUILDER: "nobody-made-it" } });
    const refused = await repo.slipway("build");
    await repo.remove();
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(
      /error: looking for a builder: there is none named "nobody-made-it"\n hint: `docker buildx ls`/,
    );
  });
});
