import { expect, test } from "vitest";
import { conversionOf } from "./attributes.ts";
import { openRepository } from "../git/repository.ts";
import type { TestRepository } from "../testing/repository.ts";
import { readTree } from "./tree.ts";
import { newRepository } from "../testing/new-repository.ts";

type Attributes = Parameters<typeof conversionOf>[0] extends ReadonlyMap<infer Name, string> ? [Name, string][] : never;

test.each<[Attributes, [string, string][], string]>([
  [[], [], ""],
  [[["text", "auto"]], [], ""],
  [
    [
      ["text", "set"],
      ["eol", "lf"],
    ],
    [["core.autocrlf", "true"]],
    "",
  ],
  [[["eol", "crlf"]], [], "crlf"],
  [
    [
      ["text", "unset"],
      ["eol", "crlf"],
    ],
    [],
    "",
  ],
  [[["text", "set"]], [["core.eol", "crlf"]], "crlf"],
  [
    [["text", "set"]],
    [
      ["core.eol", "crlf"],
      ["core.autocrlf", "input"],
    ],
    "",
  ],
  [[], [["core.eol", "crlf"]], ""],
  [[], [["core.autocrlf", "true"]], "auto-crlf"],
  [
    [
      ["text", "auto"],
      ["eol", "crlf"],
    ],
    [],
    "auto-crlf",
  ],
  [[["text", "set"]], [["core.autocrlf", "true"]], "crlf"],
  [
    [
      ["text", "input"],
      ["eol", "crlf"],
    ],
    [],
    "crlf",
  ],
  [
    [
      ["text", "input"],
      ["crlf", "set"],
    ],
    [["core.eol", "crlf"]],
    "",
  ],
  [
    [
      ["text", "odd"],
      ["crlf", "unset"],
    ],
    [["core.autocrlf", "true"]],
    "",
  ],
  [[["text", "unset"]], [["core.autocrlf", "true"]], ""],
  [[["crlf", "set"]], [["core.eol", "crlf"]], "crlf"],
  [
    [
      ["ident", "set"],
      ["eol", "crlf"],
    ],
    [],
    "ident+crlf",
  ],
  [[["working-tree-encoding", "UTF-16"]], [], "encoding=UTF-16"],
  [
    [
      ["filter", "lfs"],
      ["text", "unset"],
    ],
    [],
    "lfs",
  ],
  [[["filter", "mine"]], [], ""],
  [[["filter", "mine"]], [["filter.mine.smudge", "tr a b"]], "filter=mine"],
])("attributes %j with settings %j convert by %j", (attributes, settings, expected) => {
  expect(conversionOf(new Map(attributes), new Map(settings))).toBe(expected);
});

async function conversionsOf(each: TestRepository, commit?: string): Promise<Record<string, string>> {
  const tree = await readTree(await openRepository(each.host, each.root), commit === undefined ? {} : { commit });
  return Object.fromEntries(await tree.conversions.of([...tree.under(".")]));
}

test("attributes are those of the commit that is read", async () => {
  const each = await newRepository({
    ".gitattributes": "*.bat eol=crlf\n",
    "a.bat": "a\n",
    "sub/b.bat": "b\n",
    "ü.txt": "u",
  });
  const first = await each.git("rev-parse", "HEAD");
  await each.commit({ ".gitattributes": "", "sub/.gitattributes": "b.bat ident" });
  await each.write({ ".gitattributes": "* eol=crlf" });
  expect(await conversionsOf(each)).toEqual({ "sub/b.bat": "ident" });
  expect(await conversionsOf(each, first)).toEqual({ "a.bat": "crlf", "sub/b.bat": "crlf" });
});

test("what a filter of the user's own makes is part of the conversion", async () => {
  const each = await newRepository({ ".gitattributes": "*.x filter=mine\n", "a.x": "aaa" });
  expect(await conversionsOf(each)).toEqual({});
  await each.git("config", "filter.mine.smudge", "tr a b");
  const before = await conversionsOf(each);
  await each.git("config", "filter.mine.smudge", "tr a c");
  const after = await conversionsOf(each);
  expect(before["a.x"]).toMatch(/^filter=mine:sha256:/);
  expect(after["a.x"]).not.toBe(before["a.x"]);
});

test("settings alone can convert", async () => {
  const each = await newRepository({ "a.txt": "a\n" });
  expect(await conversionsOf(each)).toEqual({});
  await each.git("config", "core.autocrlf", "true");
  expect(await conversionsOf(each)).toEqual({ "a.txt": "auto-crlf" });
});

test("attributes that are staged and not committed do not count", async () => {
  const each = await newRepository({ "a.txt": "a\n", ".gitattributes": "*.txt eol=crlf\n" });
  await each.write({ ".gitattributes": "*.txt ident\n" });
  await each.git("add", ".gitattributes");
  expect(await conversionsOf(each)).toEqual({ "a.txt": "crlf" });
});
