import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { renderReference } from "../../scripts/reference/render-reference.ts";

const root = resolve(import.meta.dirname, "../..");
const reference = renderReference();

describe("what docs/reference and the golden help say is what the program is (npm run docs writes it anew):", () => {
  test.each([...reference])("%s", (path, text) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(text);
  });

  test("nothing else lies beside it", () => {
    const there = ["docs/reference", "test/golden/help"].flatMap((folder) =>
      readdirSync(join(root, folder)).map((file) => `${folder}/${file}`),
    );
    const written = [...reference.keys()].filter((path) => !path.endsWith("action.yml"));
    expect(there.sort()).toEqual(written.sort());
  });
});

describe("the pages of docs/reference", () => {
  const pages = [...reference].filter(([path]) => path.endsWith(".md"));

  test.each(pages)("%s links only to what is there", (_, text) => {
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => `docs/reference/${link}`);
    expect(links.filter((link) => !reference.has(link))).toEqual([]);
  });
});

describe("the help", () => {
  const helps = [...reference].filter(([path]) => path.startsWith("test/golden/help/"));

  test.each(helps)("%s fits a terminal of 80 columns", (_, text) => {
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
});
