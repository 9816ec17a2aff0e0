import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleAction } from "../../scripts/bundle-action.ts";

const root = resolve(import.meta.dirname, "../..");

let fresh: string;
beforeAll(async () => {
  fresh = await mkdtemp(join(tmpdir(), "slipway-bundle-"));
  await bundleAction(fresh);
});
afterAll(() => rm(fresh, { recursive: true, force: true }));

describe("a bundle of the action", () => {
  test("is the same wherever it is made, and says nothing of where", async () => {
    const again = await mkdtemp(join(tmpdir(), "slipway-bundle-again-"));
    try {
      await bundleAction(again);
      for (const file of await filesOf(fresh)) {
        const text = await readFile(join(fresh, file), "utf8");
        expect(await readFile(join(again, file), "utf8")).toBe(text);
        expect(text).not.toContain(root);
      }
    } finally {
      await rm(again, { recursive: true, force: true });
    }
  });

  test("starts with little: what only some runs need is loaded when it is needed", async () => {
    const start = await readStart("main.js");
    expect(start.bytes).toBeLessThan(1_000_000);
    for (const name of ["azsdk-js", "class EnvHttpProxyAgent", "conventional-changelog"])
      expect(start.text).not.toContain(name);
    expect((await readStart("post.js")).bytes).toBeLessThan(60_000);
  });

  test.each(["build-push/main.js", "bake/main.js", "drop-in/post.js"])(
    "starts the step %s without docker's toolkit, which has no clients for installing either",
    async (main) => {
      const start = await readStart(main);
      expect(start.bytes).toBeLessThan(1_000_000);
      for (const name of ["docker-actions-toolkit-", "Handlebars"]) expect(start.text).not.toContain(name);
      const files = await readdir(fresh);
      const [toolkit = ""] = files.filter((file) => file.startsWith("docker-extras-"));
      const extras = await readStart(toolkit);
      expect(extras.text).toContain("docker-actions-toolkit-");
      for (const name of ["azsdk-js", "class EnvHttpProxyAgent", "actions/octokit"])
        expect(extras.text).not.toContain(name);
    },
  );

  test("comes with the licences of what is in it", async () => {
    const licenses = await readFile(join(fresh, "LICENSES.txt"), "utf8");
    for (const name of ["@actions/core", "yaml", "zod"]) expect(licenses).toMatch(new RegExp(`^${name}$`, "m"));
  });
});

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** A file with everything that it imports at once. */
async function readStart(file: string): Promise<{ readonly bytes: number; readonly text: string }> {
  const seen = new Set<string>();
  const texts: string[] = [];
  const read = async (name: string): Promise<void> => {
    if (seen.has(name)) return;
    seen.add(name);
    const text = await readFile(join(fresh, name), "utf8");
    texts.push(text);
    const imports = text.matchAll(/(?:from|^import|[;}]import)\s*"(\.\.?\/[^"]+)"/gm);
    for (const [, next = ""] of imports) await read(join(dirname(name), next));
  };
  await read(file);
  const text = texts.join("\n");
  return { bytes: Buffer.byteLength(text), text };
}
