import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const source = resolve(import.meta.dirname, "../src");

/**
 * Exported names that two files of `src` declare, with the reason why both do. Everything else has one meaning a name: a reader who searches
 * for a name finds one declaration, and an editor's automatic import has one candidate.
 */
const justified: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "abandon",
      "build",
      "history",
      "inputs",
      "layers",
      "pin",
      "plan",
      "release",
      "replay",
      "rollback",
      "sbom",
      "services",
      "status",
      "verify",
    ].map((name) => [name, "the command's spec and the library's function, called by the name that users know"]),
  ),
  run: "what each command's folder does",
  document: "what `--json` prints of a command whose result holds more",
  render: "how each command's folder shows its result",
  converse: "what the folder of a command without a workspace does",
};

test("an exported name of src is declared once", () => {
  const known = new Set(Object.keys(justified));
  const repeated = [...declarations()].filter(([name, files]) => files.length > 1 && !known.has(name));
  expect(repeated.map(([name, files]) => `${name}: ${files.join(", ")}`)).toEqual([]);
});

test("a name that may be declared twice still is", () => {
  const all = declarations();
  expect(Object.keys(justified).filter((name) => (all.get(name)?.length ?? 0) < 2)).toEqual([]);
});

/** Types that are called an image, and what each is. A build, a release and a preview hold images; none has a shape of its own for one. */
const images: Readonly<Record<string, string>> = {
  PublishedImage: "the image of one platform",
  FoundImage: "a published image, or why there is none",
};

test("the image of one platform has one shape", () => {
  expect([...declarations().keys()].filter((name) => /^[A-Z]\w*Image$/.test(name)).sort()).toEqual(
    Object.keys(images).sort(),
  );
});

/** Every exported name with the shipped files that declare it. A value and a type of one file share their name on purpose. */
function declarations(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts") || file.split("/").includes("testing")) continue;
    const text = readFileSync(join(source, file), "utf8");
    const pattern = /^export (?:declare )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
    const names = new Set([...text.matchAll(pattern)].flatMap(([, name]) => name ?? []));
    for (const name of names) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}
