import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { bundleAction } from "../../scripts/bundle-action.ts";

const root = resolve(import.meta.dirname, "../..");
const committed = join(root, "dist/action");

let fresh: string;
beforeAll(async () => {
  fresh = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
  await bundleAction(fresh);
});
afterAll(() => rm(fresh, { recursive: true, force: true }));

describe("the action's bundle in dist/action", () => {
  test("is what its sources make (npm run bundle makes it anew)", async () => {
    const files = (await readdir(fresh)).sort();
    expect((await readdir(committed)).sort()).toEqual(files);
    for (const file of files) {
      const same = (await readFile(join(committed, file))).equals(await readFile(join(fresh, file)));
      expect(same, file).toBe(true);
    }
  });

  test("has the files that action.yml names", async () => {
    const { runs } = parse(await readFile(join(root, "action.yml"), "utf8")) as { runs: Record<string, string> };
    expect(runs["using"]).toBe("node24");
    for (const name of ["main", "post"]) expect((await stat(join(root, runs[name] ?? ""))).isFile()).toBe(true);
  });
});
