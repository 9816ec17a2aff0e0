import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const rows = readFileSync(join(root, "docs/glossary.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| (?!word )/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, word = "", meaning = "", , code = ""]) => ({ word, meaning, code }));

test("every name that the glossary gives a word is declared in the code", () => {
  const declared = declarations();
  const named = rows.flatMap(({ code }) => [...code.matchAll(/`(\w+)`/g)].flatMap(([, name]) => name ?? []));
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !declared.has(name))).toEqual([]);
});

test("the glossary has each word once, with a meaning", () => {
  const words = rows.flatMap(({ word }) => word.split(", "));
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  expect(rows.filter(({ meaning }) => meaning === "")).toEqual([]);
});

function declarations(): ReadonlySet<string> {
  const source = join(root, "src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return new Set(
    files.flatMap((file) => {
      const text = readFileSync(join(source, file), "utf8");
      return [...text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)].flatMap(
        ([, name]) => name ?? [],
      );
    }),
  );
}
