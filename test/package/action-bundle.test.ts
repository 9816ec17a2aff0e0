import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
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
    const files = await filesIn(fresh);
    expect(await filesIn(committed)).toEqual(files);
    for (const file of files) {
      const same = (await readFile(join(committed, file))).equals(await readFile(join(fresh, file)));
      expect(same, file).toBe(true);
    }
  });

  test.each([".", "build-push", "bake", "setup"])("has the files that action.yml names in %s", async (folder) => {
    const text = await readFile(join(root, folder, "action.yml"), "utf8");
    const { runs } = parse(text) as { runs: Record<string, string> };
    expect(runs["using"]).toBe("node24");
    for (const name of ["main", "post"]) expect((await stat(join(root, folder, runs[name] ?? ""))).isFile()).toBe(true);
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
