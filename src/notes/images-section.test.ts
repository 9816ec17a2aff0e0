import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  draftText,
  isDraftText,
  mostBodyLength,
  putFittingSection,
  putSection,
  sectionMarkers,
} from "./images-section.ts";

const { begin, end } = sectionMarkers;

describe("the images section of a release's body", () => {
  test.each([
    ["an empty body", "", `${begin}\nnew\n${end}`],
    ["a body of spaces", " \n", `${begin}\nnew\n${end}`],
    ["a text without a line end", "by hand", `by hand\n\n${begin}\nnew\n${end}`],
    ["a text with one", "by hand\n", `by hand\n\n${begin}\nnew\n${end}`],
    ["a text with an empty line", "by hand\n\n", `by hand\n\n${begin}\nnew\n${end}`],
    ["text around", `before\n${begin}\nold\n${end}\nafter`, `before\n${begin}\nnew\n${end}\nafter`],
    ["lines as the web site writes them", "by hand\r\nmore", `by hand\r\nmore\r\n\r\n${begin}\r\nnew\r\n${end}`],
    ["a beginning that lost its end", `${begin}\nby hand`, `${begin}\nby hand\n\n${begin}\nnew\n${end}`],
    ["an end that lost its beginning", `by hand\n${end}`, `by hand\n${end}\n\n${begin}\nnew\n${end}`],
    [
      "a beginning that lost its end before a whole section",
      `${begin}\nby hand\n${begin}\nold\n${end}`,
      `${begin}\nby hand\n${begin}\nnew\n${end}`,
    ],
  ])("is put into %s", (_what, body, expected) => expect(putSection(body, "new\n")).toBe(expected));

  test("leaves what is outside byte for byte, and put twice is the same, whatever people wrote", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(begin, end, "\r\n", "\n", "\n\n", "text", "<!--"));
    const text = fc.array(piece).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const outside = (all: string): string => all.replaceAll(begin, "").replaceAll(end, "");
        const [left, right] = [outside(before), outside(after)];
        const once = putSection(`${left}${begin}\nold\n${end}${right}`, "new");
        expect(once.startsWith(left) && once.endsWith(right)).toBe(true);
        expect(once).toMatch(/new/);
        expect(putSection(once, "new")).toBe(once);
        const added = putSection(before, "new");
        expect(putSection(added, "new")).toBe(added);
      }),
    );
  });

  test("is the first text with which the body is not too long", () => {
    const long = "x".repeat(mostBodyLength);
    expect(putFittingSection("by hand", ["whole", "short"])).toContain("whole");
    expect(putFittingSection("by hand", [long, "short"])).toContain("short");
    expect(putFittingSection(long, ["whole", "short"])).toBeUndefined();
  });

  test("of a draft that is being made tells it from a person's", () => {
    expect(isDraftText(putSection("", draftText("slipway release 1.0.0")))).toBe(true);
    expect(isDraftText(putSection("by hand", "new"))).toBe(false);
  });
});
