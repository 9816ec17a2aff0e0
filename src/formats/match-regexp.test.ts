import { describe, expect, it } from "vitest";
import { matchRegExp } from "./match-regexp.ts";

describe("a workflow's regular expression", () => {
  it.each([
    ["v(.*)", "", "v1.2.3"],
    ["\\d+.\\d+", "", "api/v1.20.3"],
    ["^v?(\\d{1,2})(?:\\.(\\d+))?(?:\\.(\\d+))?$", "", "12.3"],
    ["(a|ab)(c|bcd)(d*)", "", "abcd"],
    ["(a*?)b", "", "aab"],
    ["[^-]+-([a-z_]\\w*)", "", "v1-rc_2"],
    ["[\\d.]+[-\\]]", "", "1.2]"],
    ["V(\\d)", "i", "v1"],
    ["\\bb\\B", "", "a bc"],
    ["x", "", "y"],
    ["(?:a){2,}", "", "aaaa"],
    ["(z)?(a)", "", "a"],
    ["", "", "a"],
    ["a{x}", "", "a{x}"],
    ["(?:(a)|(b))*", "", "aba"],
    ["((a)|b)+?c", "", "abc"],
    ["(a|b)*b", "", "abab"],
  ])("%s (%s) finds in %s what JavaScript finds", (pattern, flags, text) => {
    const found = matchRegExp(pattern, flags, text);
    const theirs = new RegExp(pattern, flags).exec(text);
    expect(found.kind === "match" ? theirs?.map((_, index) => found.captures[index]) : found.kind).toEqual(
      theirs === null ? "none" : [...theirs],
    );
  });

  it.each([
    ["(a+)+$", `${"a".repeat(60)}b`, "unknown"],
    ["(.*)*(.*)*(.*)*x", "a".repeat(60), "unknown"],
    ["(?=a)b", "a", "unknown"],
    ["(?<n>a)", "a", "unknown"],
    ["\\p{L}", "a", "unknown"],
    ["(".repeat(100) + ")".repeat(100), "a", "unknown"],
    ["(a", "a", "invalid"],
    ["*", "a", "invalid"],
    ["[a", "a", "invalid"],
  ])("%s is left alone where it takes too long or is not read", (pattern, text, kind) => {
    expect(matchRegExp(pattern, "", text).kind).toBe(kind);
  });
});
