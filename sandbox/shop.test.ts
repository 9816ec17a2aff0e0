import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mustRun } from "./processes.ts";
import { makeShop, openShop, shopServices } from "./shop.ts";

const registry = "127.0.0.1:5000";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shop-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function changedFiles(repository: string): Promise<string[]> {
  const text = await mustRun("git show", "git", ["show", "--name-only", "--format="], { cwd: repository });
  return text.trim().split("\n");
}

test("the same registry gives the same commits, whoever the person is", async () => {
  const first = await makeShop(join(folder, "first"), { registry });
  vi.stubEnv("GIT_AUTHOR_NAME", "Somebody");
  vi.stubEnv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z");
  vi.stubEnv("TZ", "Asia/Tokyo");
  const second = await makeShop(join(folder, "second"), { registry });
  expect(await second.head()).toBe(await first.head());
  expect(await second.changeService("api")).toBe(await first.changeService("api"));
});

test("the history is conventional commits, and the tree is clean", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  const log = await mustRun("git log", "git", ["log", "--format=%s"], { cwd: shop.folder });
  const subjects = log.trim().split("\n");
  expect(subjects.length).toBeGreaterThan(5);
  for (const subject of subjects) expect(subject).toMatch(/^(?:feat|fix|docs|chore|build)(?:\([a-z]+\))?: /);
  expect(await mustRun("git status", "git", ["status", "--porcelain"], { cwd: shop.folder })).toBe("");
});

test("images go to the registry that was asked for", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  expect(readFileSync(join(shop.folder, "slipway.yaml"), "utf8")).toContain('images: "127.0.0.1:5000/shop/{service}"');
  expect(shop.image("web")).toBe("127.0.0.1:5000/shop/web");
});

test("dot files have their dot", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  for (const path of [".gitignore", ".dockerignore", "services/web/.dockerignore", "services/gateway/.dockerignore"]) {
    expect(existsSync(join(shop.folder, path)), path).toBe(true);
  }
  expect(existsSync(join(shop.folder, "dockerignore"))).toBe(false);
});

test("a change of a service touches its folder only", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  for (const service of shopServices) {
    await shop.changeService(service);
    const files = await changedFiles(shop.folder);
    expect(files.every((path) => path.startsWith(`services/${service}/`))).toBe(true);
  }
});

test("the library changes as often as it is asked to", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  await shop.changeLibrary();
  await shop.changeLibrary();
  expect(await changedFiles(shop.folder)).toEqual(["libs/events/revision.json"]);
  expect(readFileSync(join(shop.folder, "libs/events/revision.json"), "utf8")).toContain('"revision": 3');
});

test("a broken service does not parse, and a mended one does", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  const check = () =>
    mustRun("checking", process.execPath, ["--check", "services/web/src/revision.js"], { cwd: shop.folder });
  await shop.breakService("web");
  await expect(check()).rejects.toThrow("SyntaxError");
  await shop.mendService("web");
  await expect(check()).resolves.toBe("");
});

test("any file can be written or removed in a commit", async () => {
  const shop = await makeShop(join(folder, "shop"), { registry });
  const id = await shop.commit("chore: tidy", { "docs/new.md": "new\n", "docs/running.md": null });
  expect(id).toBe(await shop.head());
  expect((await changedFiles(shop.folder)).sort()).toEqual(["docs/new.md", "docs/running.md"]);
});

test("a shop that was written before can be opened again", async () => {
  const made = await makeShop(join(folder, "shop"), { registry });
  expect(await openShop(made.folder, { registry }).head()).toBe(await made.head());
});

test("a folder that holds something is left alone", async () => {
  await makeShop(join(folder, "shop"), { registry });
  await expect(makeShop(join(folder, "shop"), { registry })).rejects.toThrow("is not empty");
});
