import { describe, expect, test } from "vitest";
import { codeSpan, escapeMarkdown } from "./markdown.ts";
import { parseSourceLinks } from "../notes/source-links.ts";

describe("a commit subject in Markdown", () => {
  test.each([
    ["Fix the cart (#12)", "Fix the cart (#12)"],
    ["a | b", "a \\| b"],
    ["use `x` and *y* and _z_", "use \\`x\\` and \\*y\\* and \\_z\\_"],
    ["thanks @octocat", "thanks @&#8203;octocat"],
    ["mail me @ home", "mail me @ home"],
    ["# not a heading", "\\# not a heading"],
    ["#12 is fixed", "#12 is fixed"],
    ["- not a list", "\\- not a list"],
    ["-v is a flag", "-v is a flag"],
    ["1. not a list", "1\\. not a list"],
    ["1.2.0", "1.2.0"],
    ["---", "\\---"],
    ["<b>&amp;</b>", "\\<b\\>\\&amp;\\</b\\>"],
    ["~~gone~~ $x$", "\\~\\~gone\\~\\~ \\$x\\$"],
    ["two\r\nlines\u2028here", "two lines here"],
    ["C:\\dir", "C:\\\\dir"],
    ["👩‍🚀 尺寸", "👩‍🚀 尺寸"],
  ])("%j is written %j", (text, markdown) => expect(escapeMarkdown(text)).toBe(markdown));
});

describe("a code span", () => {
  test.each([
    ["1.2.0", "`1.2.0`"],
    ["a|b", "`a\\|b`"],
    ["a`b", "``a`b``"],
    ["`a``", "``` `a`` ```"],
  ])("of %j is %s", (text, markdown) => expect(codeSpan(text)).toBe(markdown));
});

describe("the address of a repository", () => {
  test.each([
    "https://github.com/acme/shop",
    "https://github.com/acme/shop.git",
    "https://user@github.com/acme/shop/",
    "https://user:tok@en@github.com/acme/shop.git",
    "git@github.com:acme/shop.git",
    "ssh://git@github.com/acme/shop.git",
  ])("%s gives links", (source) => {
    const links = parseSourceLinks(source);
    expect(links?.commit("abc")).toBe("https://github.com/acme/shop/commit/abc");
    expect(links?.compare("a", "b")).toBe("https://github.com/acme/shop/compare/a...b");
  });

  test.each([
    "",
    "https://gitlab.com/acme/shop",
    "https://github.com/acme",
    "https://github.com.evil.example/acme/shop",
    "https://github.com/acme/sh)op",
  ])("%j gives none", (source) => expect(parseSourceLinks(source)).toBeUndefined());
});
