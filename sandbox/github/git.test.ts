import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../processes.ts";
import { type GitHub, startGitHub } from "./index.ts";

let folder: string;
let github: GitHub;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "github-git-"));
  const origin = join(folder, "origin");
  mkdirSync(join(origin, "api"), { recursive: true });
  writeFileSync(join(origin, "api/main.js"), "1");
  writeFileSync(join(origin, "README.md"), "a shop");
  await git("init", "--quiet", "--initial-branch=main", origin);
  await git("-C", origin, "add", ".");
  await git("-C", origin, "commit", "--quiet", "-m", "first");
});
afterEach(async () => {
  await github.close();
  rmSync(folder, { recursive: true });
});

async function start(isPrivate: boolean): Promise<void> {
  github = await startGitHub({ repository: "acme/shop", git: join(folder, "origin"), isPrivate });
}

async function git(...args: string[]) {
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" };
  return run("git", ["-c", "user.name=a", "-c", "user.email=a@example.test", ...args], { env });
}

function address(token?: string): string {
  return `${token === undefined ? github.url : github.url.replace("//", `//x-access-token:${token}@`)}/acme/shop.git`;
}

test("a public repository is cloned by anybody, also without its files' contents", async () => {
  await start(false);
  const clone = join(folder, "clone");
  expect(await git("clone", "--quiet", "--filter=blob:none", "--no-checkout", address(), clone)).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  const missing = await git("-C", clone, "rev-list", "--objects", "--all", "--missing=print");
  expect(missing.stdout.match(/^\?/gm)).toHaveLength(2);
  expect((await git("-C", clone, "cat-file", "blob", "HEAD:README.md")).stdout).toBe("a shop");
});

test("a private repository is not there without a token, and needs contents: read with one", async () => {
  await start(true);
  const clone = (name: string, token?: string) => git("clone", "--quiet", address(token), join(folder, name));
  expect((await clone("a")).exitCode).not.toBe(0);
  expect((await clone("b", "ghs_wrong")).exitCode).not.toBe(0);
  expect((await clone("c", github.token({ packages: "read" }))).stderr).toContain("not found");
  expect((await clone("d", github.token({ contents: "read" }))).exitCode).toBe(0);
});

test("pushing needs contents: write", async () => {
  await start(false);
  const clone = join(folder, "clone");
  await git("clone", "--quiet", address(), clone);
  const push = (token: string) => git("-C", clone, "push", "--quiet", address(token), "HEAD:refs/heads/topic");
  expect((await push(github.token({ contents: "read" }))).exitCode).not.toBe(0);
  expect(await push(github.token({ contents: "write" }))).toMatchObject({ exitCode: 0 });
  expect((await git("-C", join(folder, "origin"), "branch", "--list", "topic")).stdout).toContain("topic");
});

test("what git reads is counted in bytes, apart from the API", async () => {
  await start(false);
  await git("clone", "--quiet", address(), join(folder, "clone"));
  const read = github.log.filter(({ kind }) => kind === "git");
  expect(read.map(({ method }) => method)).toEqual(["GET", "POST", "POST"]);
  expect(read.every(({ bytesOut }) => bytesOut > 0)).toBe(true);
  expect(github.count({ kind: "api" })).toBe(0);
});
