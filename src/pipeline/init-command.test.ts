import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runInit, type InitCommandOptions } from "../cli/run-init.ts";
import type { Host } from "../host.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../testing/test-host.ts";

const action = "acme/slipway@0123456789abcdef0123456789abcdef01234567";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const dockerfile = "FROM scratch\nCOPY . /app\n";
const four = Object.fromEntries(
  ["api", "gateway", "web", "worker"].map((name) => [`services/${name}/Dockerfile`, dockerfile]),
);

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "../workflow/adopt/fixtures", `${name}.yml`), "utf8");
}

async function makeRepository(
  files: Readonly<Record<string, TestFile>>,
  remote = "https://github.com/acme/shop",
): Promise<TestRepository> {
  const repository = await makeTestRepository(files);
  closing.push(repository.dispose);
  await repository.git("remote", "add", "origin", remote);
  return repository;
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function init(
  repository: TestRepository,
  options: InitCommandOptions = {},
  host: Partial<Host> & { isTTY?: boolean } = {},
): Promise<Ran> {
  const testHost: TestHost = makeTestHost({
    cwd: repository.root,
    env: repository.host.env,
    run: (program, args, more) => repository.host.run(program, args, more),
    ...host,
  });
  const exitCode = await runInit(testHost, { action, color: false, ...options });
  return { exitCode, ...testHost.printed };
}

const workflow = ".github/workflows/slipway.yml";

async function text(repository: TestRepository, path: string): Promise<string | undefined> {
  return readFile(join(repository.root, path), "utf8").catch(() => undefined);
}

describe("slipway init", () => {
  test("writes the workflow and, where conventions suffice, nothing else", async () => {
    const repository = await makeRepository(four);
    const { exitCode, stdout } = await init(repository, { yes: true });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("ghcr.io/acme/shop/api");
    expect(await repository.git("status", "--porcelain", "--untracked-files=all")).toBe(`?? ${workflow}`);
    expect(Object.keys((parse((await text(repository, workflow)) ?? "") as { jobs: object }).jobs)).toEqual([
      "plan",
      "build",
      "release",
      "slipway",
    ]);
  });

  test("run again changes nothing, also when nobody says the options again", async () => {
    const repository = await makeRepository(four);
    await init(repository, { yes: true, jobs: "single", runner: ["linux/amd64=self-hosted,big"] });
    const first = await text(repository, workflow);
    const again = await init(repository, { yes: true });
    expect(again.stdout).toContain("Everything is there already.");
    expect(await text(repository, workflow)).toBe(first);
  });

  test("without a terminal and without --yes refuses, and says what to do", async () => {
    const repository = await makeRepository(four);
    const { exitCode, stderr } = await init(repository);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--yes");
    expect(await text(repository, workflow)).toBeUndefined();
  });

  test("on a terminal writes only when the answer is yes", async () => {
    const repository = await makeRepository(four);
    const answer = (line: string) => ({ isTTY: true, input: { isTTY: true, readLine: async () => line } });
    expect((await init(repository, {}, answer(""))).stdout).toContain("Nothing was written.");
    expect(await text(repository, workflow)).toBeUndefined();
    const { stderr } = await init(repository, {}, answer("y"));
    expect(stderr).toContain("Write these files? [y/N]");
    expect(await text(repository, workflow)).toBeDefined();
  });

  test("--dry-run prints a diff that git applies to the same files", async () => {
    const repository = await makeRepository({
      ...four,
      ".github/workflows/docker.yml": fixture("one-image"),
      Dockerfile: dockerfile,
    });
    const { stdout } = await init(repository, { dryRun: true, json: true });
    const { files } = JSON.parse(stdout) as { files: { diff: string }[] };
    expect(await repository.git("status", "--porcelain")).toBe("");
    await repository.host.run("git", ["apply", "-"], { stdin: files.map(({ diff }) => diff).join("") });
    const applied = await text(repository, workflow);
    await repository.git("checkout", "--quiet", ".");
    await repository.git("clean", "--quiet", "-fd");
    await init(repository, { yes: true });
    expect(applied).toBe(await text(repository, workflow));
  });

  test("shows what a person changed before it writes over it", async () => {
    const repository = await makeRepository(four);
    await init(repository, { yes: true });
    const own = (await text(repository, workflow)) ?? "";
    await writeFile(join(repository.root, workflow), own.replace("timeout-minutes: 60", "timeout-minutes: 90"));
    const { stdout } = await init(repository, { yes: true });
    expect(stdout).toContain("changed by hand since; see the diff");
    expect(stdout).toContain("-    timeout-minutes: 90");
    expect(await text(repository, workflow)).toBe(own);
  });
});

describe("slipway init beside a hand-made workflow", () => {
  const shop = {
    "services/api/Dockerfile": "FROM scratch\nARG GIT_SHA\nCOPY services/api /app\n",
    "services/api/a.js": "a\n",
    "services/web/Dockerfile": "FROM scratch AS runtime\nCOPY services/web /app\n",
    "services/web/a.js": "a\n",
    ".github/workflows/images.yml": fixture("services-matrix"),
  };

  test("takes its place: same images and tags, its other jobs kept, the old file gone", async () => {
    const repository = await makeRepository(shop);
    const { stdout, exitCode, stderr } = await init(repository, { yes: true });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(".github/workflows/images.yml builds docker.io/acme/api, docker.io/acme/web: replaced");
    const status = (await repository.git("status", "--porcelain", "--untracked-files=all")).split("\n");
    expect(status.map((line) => line.trim()).sort()).toEqual([
      "?? .github/workflows/slipway.yml",
      "?? slipway.yaml",
      "D .github/workflows/images.yml",
    ]);
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      images: "docker.io/acme/{service}",
      tags: { version: ["{version}"], branch: ["edge"] },
      services: { web: { target: "runtime", args: { GIT_SHA: { env: "GITHUB_SHA", stamp: true } } } },
    });
  });

  test("and run again, keeps what it took over", async () => {
    for (const name of ["services-matrix", "one-image", "shell", "steps-before", "platform-merge"]) {
      const repository = await makeRepository({
        ...shop,
        Dockerfile: dockerfile,
        "api/Dockerfile": dockerfile,
        "worker/Dockerfile": dockerfile,
        "web/Dockerfile": "FROM scratch\nCOPY dist /dist\n",
        ".github/workflows/images.yml": fixture(name),
      });
      expect((await init(repository, { yes: true })).stderr).toBe("");
      const first = await text(repository, workflow);
      await repository.commit();
      const again = await init(repository, { yes: true });
      expect(await text(repository, workflow), name).toBe(first);
      expect(again.stdout, name).toContain("Everything is there already.");
    }
  });

  test("declares what a step before the build makes", async () => {
    const repository = await makeRepository({
      "web/Dockerfile": "FROM scratch\nCOPY dist /dist\nCOPY nginx.conf /etc/\n",
      "web/nginx.conf": "",
      ".github/workflows/images.yml": fixture("steps-before"),
    });
    await init(repository, { yes: true });
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      services: { web: { generated: ["web/dist/**"] } },
    });
    expect((await init(repository, { yes: true, jobs: "matrix" })).stderr).toContain("--jobs single");
  });

  test("stops at what it cannot carry, with every line; --force leaves it out", async () => {
    const repository = await makeRepository({ Dockerfile: dockerfile, ".github/workflows/odd.yml": fixture("cannot") });
    const { exitCode, stderr } = await init(repository, { yes: true });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('.github/workflows/odd.yml:21: cannot be carried over: the step "Scan" after the build');
    expect(stderr).toContain("--force");
    expect(await repository.git("status", "--porcelain")).toBe("");
  });

  test("--shadow leaves it alone and moves no tag", async () => {
    const repository = await makeRepository(shop);
    await init(repository, { yes: true, shadow: true });
    expect(await text(repository, ".github/workflows/images.yml")).toBeDefined();
    const shadow = parse((await text(repository, ".github/workflows/slipway-shadow.yml")) ?? "") as { jobs: object };
    expect(JSON.stringify(shadow.jobs)).toContain('"shadow":"true"');
    expect(JSON.stringify(shadow.jobs)).not.toContain('"contents":"write"');
  });

  test("one revert is the way back", async () => {
    const repository = await makeRepository(shop);
    const before = await repository.git("rev-parse", "HEAD^{tree}");
    await init(repository, { yes: true });
    await repository.commit();
    await repository.git("revert", "--no-edit", "HEAD");
    expect(await repository.git("rev-parse", "HEAD^{tree}")).toBe(before);
  });

  test("a configuration of a person's own is not written over, and must send images where they went", async () => {
    const repository = await makeRepository({ ...shop, "slipway.yaml": "images: ghcr.io/acme/other/{service}\n" });
    const { exitCode, stderr } = await init(repository, { yes: true });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("docker.io/acme/api");
    expect(await text(repository, "slipway.yaml")).toBe("images: ghcr.io/acme/other/{service}\n");
  });
});
