import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

test("a diff shows what changed with three lines around it", () => {
  const before = ["a", "b", "c", "d", "e", "f", "g", "h"].join("\n");
  expect(unifiedDiff("x.yml", `${before}\n`, `${before.replace("e", "E")}\n`)).toBe(
    "--- a/x.yml\n+++ b/x.yml\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n",
  );
});

test("a new file and one that goes are told as such; the same text is no diff", () => {
  expect(unifiedDiff("x", null, "a\n")).toBe("--- /dev/null\n+++ b/x\n@@ -0,0 +1,1 @@\n+a\n");
  expect(unifiedDiff("x", "a\n", null)).toBe("--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n");
  expect(unifiedDiff("x", "a\n", "a\n")).toBe("");
});

test("git applies every diff to the old text and gets the new one", () => {
  const line = fc.constantFrom("a", "b", "c", "", "  d: e");
  const text = fc
    .tuple(fc.array(line, { minLength: 1, maxLength: 30 }), fc.boolean())
    .map(([lines, ends]) => lines.join("\n") + (ends ? "\n" : "x"));
  const folder = mkdtempSync(join(tmpdir(), "slipway-diff-"));
  try {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        writeFileSync(join(folder, "f"), before);
        const { status, stderr } = spawnSync("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "-"], {
          cwd: folder,
          input: unifiedDiff("f", before, after),
        });
        expect(stderr.toString()).toBe("");
        expect(status).toBe(0);
        expect(readFileSync(join(folder, "f"), "utf8")).toBe(after);
      }),
      { numRuns: 40 },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("git applies the diff of two long texts that have little in common", () => {
  const lines = (word: string, end: string): string =>
    `same\n${Array.from({ length: 3000 }, (_, index) => `${word}${index}\n`).join("")}last${end}`;
  const folder = mkdtempSync(join(tmpdir(), "slipway-diff-"));
  try {
    for (const [before, after] of [
      [lines("a", "\n"), lines("b", "\n")],
      [lines("a", ""), lines("b", "")],
      [lines("a", ""), lines("b", "\n")],
    ] as const) {
      writeFileSync(join(folder, "f"), before);
      const input = unifiedDiff("f", before, after);
      const { stderr } = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: folder, input });
      expect(stderr.toString()).toBe("");
      expect(readFileSync(join(folder, "f"), "utf8")).toBe(after);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("of two long texts that have little in common the old one goes and the new one comes", () => {
  const lines = (word: string): string => Array.from({ length: 2001 }, (_, index) => `${word}${index % 2}\n`).join("");
  const diff = unifiedDiff("x", `same\n${lines("a")}`, `same\n${lines("b")}`);
  expect(diff.split("\n").slice(2, 5)).toEqual(["@@ -1,2002 +1,2002 @@", " same", "-a0"]);
  expect(diff.match(/^[-+][ab]/gm)?.length).toBe(4002);
});

test("few changes in a long text are a few short hunks", () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  const before = lines.join("\n");
  const after = lines.map((line, index) => (index % 5000 === 2500 ? `${line}, changed` : line)).join("\n");
  expect(unifiedDiff("x", before, after).match(/^@@ .*$/gm)).toEqual([
    "@@ -2498,7 +2498,7 @@",
    "@@ -7498,7 +7498,7 @@",
    "@@ -12498,7 +12498,7 @@",
    "@@ -17498,7 +17498,7 @@",
  ]);
});
