import { describe, expect, it } from "vitest";
import type { FileRead } from "../syntax/dockerfile.ts";
import { makeContentMatcher, makeRootMatcher, matchSource, splitPivot, splitWildcards } from "./source-match.ts";

const paths = ["a.md", "b.txt", "d/x.md", "d/s/y.md", "d/s/z.txt", "d2/q.md"];

function taken(read: Partial<FileRead> & { readonly sources: readonly string[] }): string[] {
  const whole: FileRead = {
    from: { kind: "context" },
    instruction: "COPY",
    line: 1,
    wildcards: true,
    exclude: [],
    parents: false,
    ...read,
  };
  return paths.filter((path) => whole.sources.some((source) => takes(whole, source, path)));
}

/** As a context without symlinks is asked: which folder on the way to the path is named, and whether its contents come along. */
function takes(read: FileRead, source: string, path: string): boolean {
  const isRoot = makeRootMatcher(read.parents ? splitPivot(source).base : source, read.wildcards);
  const names = path.split("/");
  const folders = names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
  const root = [".", ...folders, path].find(isRoot);
  if (root === undefined || root === path) return root !== undefined;
  return makeContentMatcher(read, source)(root === "." ? path : path.slice(root.length + 1));
}

describe("a source", () => {
  it.each([
    [".", paths],
    ["d", ["d/x.md", "d/s/y.md", "d/s/z.txt"]],
    ["d/s/z.txt", ["d/s/z.txt"]],
    ["*.md", ["a.md"]],
    ["d*", ["d/x.md", "d/s/y.md", "d/s/z.txt", "d2/q.md"]],
    ["d*/*.md", ["d/x.md", "d2/q.md"]],
    ["*/s", ["d/s/y.md", "d/s/z.txt"]],
    ["**/y.md", []],
    ["d?", ["d2/q.md"]],
    ["[ab].*", ["a.md", "b.txt"]],
    ["[^a].txt", ["b.txt"]],
    ["d[^q]x.md", ["d/x.md"]],
    ["[", []],
    ["none", []],
  ])("%j takes what Go's path.Match takes", (source, expected) => {
    expect(taken({ sources: [source] })).toEqual(expected);
    expect(paths.filter(matchSource(source))).toEqual(expected);
  });

  it("of a bind mount is never a pattern", () => {
    expect(taken({ sources: ["d*"], wildcards: false })).toEqual([]);
  });

  // Each row was built with Docker Engine 28.5.2.
  it.each([
    [["*.md", "*.txt"], ["*.md"], ["a.md", "b.txt"]],
    [["a.md"], ["*.md"], ["a.md"]],
    [["d"], ["s/y.md", "x.md"], ["d/s/z.txt"]],
    [["d"], ["d/s/y.md"], ["d/x.md", "d/s/y.md", "d/s/z.txt"]],
    [["."], ["**/*.md", "!d/x.md"], ["b.txt", "d/x.md", "d/s/z.txt"]],
  ])(
    "%j without %j: excludes count below each source, and never for a source that is a file",
    (sources, exclude, expected) => {
      expect(taken({ sources, exclude })).toEqual(expected);
    },
  );

  it.each([
    ["**/*.md", ["a.md", "d/x.md", "d/s/y.md", "d2/q.md"]],
    ["d/s", ["d/s/y.md", "d/s/z.txt"]],
    ["d/./s/*.md", ["d/s/y.md"]],
    ["d*/./*.md", ["d/x.md", "d2/q.md"]],
    ["d/./**", ["d/x.md", "d/s/y.md", "d/s/z.txt"]],
  ])("%j with --parents takes what an ignore pattern would, below its pivot", (source, expected) => {
    expect(taken({ sources: [source], parents: true })).toEqual(expected);
  });

  it("with --parents leaves out what --exclude names", () => {
    expect(taken({ sources: ["**/*.md"], parents: true, exclude: ["d"] })).toEqual(["a.md", "d2/q.md"]);
  });

  it("is taken apart at its first wildcard, and at its pivot", () => {
    expect(splitWildcards("a/b*/c")).toEqual({ literal: "a", pattern: "b*/c" });
    expect(splitWildcards("*")).toEqual({ literal: ".", pattern: "*" });
    expect(splitWildcards("a\\*/b")).toEqual({ literal: "a\\*/b", pattern: undefined });
    expect(splitPivot("a/./b/c")).toEqual({ base: "a", pattern: "b/c" });
    expect(splitPivot("b")).toEqual({ base: ".", pattern: "b" });
  });
});
