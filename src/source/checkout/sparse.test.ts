import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Host } from "../../host.ts";
import { withGitToken } from "../git/git-token.ts";
import { openRepository, type Repository } from "../git/repository.ts";
import { cloneTrees } from "./sparse.ts";
import { makeTestRepository, type TestRepository } from "../testing/repository.ts";
import { readTree, type GitTree } from "../tree/tree.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY src /src\n",
  "api/src/a b.js": "a\n",
  "api/src/run.sh": { script: "#!/bin/sh\n" },
  "api/src/link": { link: "a b.js" },
  "api/notes.md": "not copied\n",
  "[odd]*?/!file": "odd\n",
  "web/big.bin": "x".repeat(100_000),
};

interface Clone {
  readonly origin: TestRepository;
  readonly folder: string;
  readonly repository: Repository;
  readonly tree: GitTree;
  /** Requests for objects that this clone made so far: each brings a pack. */
  readonly requests: () => Promise<number>;
}

async function makeOrigin(): Promise<TestRepository> {
  const origin = await makeTestRepository(files);
  closing.push(origin.dispose);
  await origin.git("config", "uploadpack.allowFilter", "true");
  await origin.git("config", "uploadpack.allowAnySHA1InWant", "true");
  return origin;
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-clone-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function clone(history: "none" | "commits" = "none", ref?: string): Promise<Clone> {
  const origin = await makeOrigin();
  const folder = await makeFolder();
  const commit = await origin.git("rev-parse", "HEAD");
  const url = `file://${origin.root}`;
  await cloneTrees(origin.host, { folder, url, commit, history, ...(ref === undefined ? {} : { ref }) });
  const repository = await openRepository(origin.host, folder);
  const requests = async (): Promise<number> =>
    (await readdir(join(folder, ".git/objects/pack"))).filter((name) => name.endsWith(".pack")).length;
  return { origin, folder, repository, tree: await readTree(repository), requests };
}

describe("a clone of the trees", () => {
  test("lists every file, holds none, and is clean", async () => {
    const { folder, repository, tree, requests } = await clone();
    expect(await readdir(folder)).toEqual([".git"]);
    expect(tree.paths).toEqual(Object.keys(files).sort());
    expect(repository.dirty).toBe(false);
    expect(await requests()).toBe(1);
  });

  test("brings contents that are read together in one request, and only those", async () => {
    const { tree, requests, repository } = await clone();
    const read = await Promise.all(["api/Dockerfile", "api/src/a b.js", "api/src/link"].map((path) => tree.read(path)));
    expect(read.map((bytes) => new TextDecoder().decode(bytes))).toEqual([
      "FROM scratch\nCOPY src /src\n",
      "a\n",
      "a b.js",
    ]);
    expect(await requests()).toBe(2);
    const objects = await repository.git(["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]);
    expect(new TextDecoder().decode(objects).match(/blob/g)).toHaveLength(3);
  });

  test("asks for nothing twice", async () => {
    const { tree, requests } = await clone();
    await tree.fetch(["api/Dockerfile", "api/src/a b.js"]);
    await tree.fetch(["api/Dockerfile"]);
    await tree.read("api/src/a b.js");
    expect(await requests()).toBe(2);
  });

  test("is on the branch that it was asked for, else on none", async () => {
    expect((await clone("none", "refs/heads/release/1")).repository.branch).toBe("release/1");
    expect((await clone("none", "refs/pull/7/merge")).repository.branch).toBeUndefined();
  });

  test("has the history where it is asked for", async () => {
    const shallow = await clone("none");
    expect(shallow.repository.shallow).toBe(true);
    const whole = await clone("commits");
    expect(whole.repository.shallow).toBe(false);
    expect(await whole.repository.generation(whole.repository.commit)).toBe(1);
  });

  test("of an address that gives nothing is an error with git's words", async () => {
    const origin = await makeOrigin();
    const url = `file://${origin.root}/nowhere`;
    const folder = await makeFolder();
    await expect(cloneTrees(origin.host, { folder, url, commit: "0".repeat(40), history: "none" })).rejects.toThrow(
      /fetching file:\/\/.*nowhere/,
    );
  });
});

describe("a token for git", () => {
  const secret = "ghs_averylongtokenfortests";

  async function hostWithPrograms(): Promise<{ host: Host; folder: string }> {
    const { host } = await makeOrigin();
    const folder = await makeFolder();
    for (const program of ["git", "docker"]) {
      await writeFile(
        join(folder, program),
        `#!/bin/sh\nenv > "${folder}/$(basename "$0").env"\necho "$@" > "${folder}/args"\n`,
      );
      await chmod(join(folder, program), 0o755);
    }
    const run: Host["run"] = (program, args, options) => host.run(join(folder, program), args, options);
    return { host: { ...host, env: { ...host.env, GIT_CONFIG_COUNT: "1" }, run }, folder };
  }

  test("reaches git by its environment, and no other program and no argument", async () => {
    const { host, folder } = await hostWithPrograms();
    const withToken = withGitToken(host, "https://ghe.example.test", secret);
    const own: Host = { ...withToken, run: (program, args, options) => withToken.run(program, args, options) };
    await own.run("git", ["fetch"]);
    await own.run("docker", ["info"]);
    const environment = await readFile(join(folder, "git.env"), "utf8");
    expect(environment).toContain("GIT_CONFIG_COUNT=3");
    expect(environment).toContain("GIT_CONFIG_KEY_2=http.https://ghe.example.test/.extraheader");
    expect(environment).toContain(Buffer.from(`x-access-token:${secret}`).toString("base64"));
    expect(await readFile(join(folder, "docker.env"), "utf8")).not.toContain("AUTHORIZATION");
    expect(await readFile(join(folder, "args"), "utf8")).not.toContain(secret);
  });

  test("is in no file of the clone", async () => {
    const origin = await makeOrigin();
    const folder = await makeFolder();
    const commit = await origin.git("rev-parse", "HEAD");
    const host = withGitToken(origin.host, "https://github.com", secret);
    await cloneTrees(host, { folder, url: `file://${origin.root}`, commit, history: "none" });
    const config = await readFile(join(folder, ".git/config"), "utf8");
    expect(config).toContain("promisor = true");
    expect(config).not.toMatch(/extraheader|AUTHORIZATION/i);
  });
});
