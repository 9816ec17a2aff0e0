import { describe, expect, it } from "vitest";
import { type Delimiters, findSpans, maskSpans, replaceSpans } from "./spans.ts";

const shell: readonly Delimiters[] = [
  ["${{", "}}"],
  ["${", "}"],
  ["$(", ")"],
];

describe("parts between delimiters", () => {
  it.each([
    ["a${{ b }}c${d}", [" b ", "d"]],
    ["${{ a }}}", [" a "]],
    ["${{ a ${{ b }} c }}", [" a ${{ b "]],
    ["${a ${{ b", []],
    ["${{ a } $(b)", ["{ a ", "b"]],
    ["$(a ${b}", ["b"]],
    ["nothing", []],
  ])("of %j are %j", (text, inside) => {
    expect(findSpans(text, shell).map((span) => span.inside)).toEqual(inside);
  });

  it("are replaced, and masked in their length", () => {
    expect(replaceSpans("a${{ b }}c", shell, (inside, whole) => `${inside.trim()}${whole.length}`)).toBe("ab8c");
    expect(maskSpans("a:${{ b:c }}:d", shell)).toBe("a:xxxxxxxxxx:d");
  });

  it("are found in a long text that nothing closes", () => {
    expect(findSpans("${{$(".repeat(200_000), shell)).toEqual([]);
  });
});
