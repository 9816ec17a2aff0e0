import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanLine } from "../formats/terminal-text.ts";
import { displayWidth, padEnd, padStart, truncate } from "./text.ts";

describe("text on a terminal", () => {
  test.each([
    ["", 0],
    ["api", 3],
    ["größe", 5],
    ["gro\u0308ße", 5],
    ["尺寸", 4],
    ["한글", 4],
    ["👩‍🚀", 2],
    ["🇩🇪", 2],
    ["⌚", 2],
    ["♥\ufe0f", 2],
    ["♥", 1],
    ["Ａ", 2],
    ["ﾊﾝ", 2],
    ["〈", 2],
    ["𠀀", 2],
    ["✓", 1],
    ["…", 1],
    ["\u001b[31mred\u001b[39m", 3],
    ["zero\u200bwidth", 9],
  ])("%j takes %i columns", (text, width) => expect(displayWidth(text)).toBe(width));

  test("takes as many columns by itself as beside a character that is wide", () => {
    const alone = /^[\p{Script=Latin}\p{N}\p{P}\p{S}\p{Zs}]$/u;
    const all = Array.from({ length: 0x2c00 }, (_, code) => String.fromCharCode(code)).filter((each) =>
      alone.test(each),
    );
    expect(all.filter((each) => displayWidth(each) !== displayWidth(`尺${each}`) - 2)).toEqual([]);
  });

  test.each([
    ["short", 10, "short"],
    ["exactly", 7, "exactly"],
    ["too long", 5, "too …"],
    ["尺寸尺寸", 5, "尺寸…"],
    ["尺寸尺寸", 4, "尺…"],
    ["long", 1, "…"],
    ["long", 0, ""],
    ["\u001b[31mred and long\u001b[39m", 4, "red…"],
  ])("%j is cut to %i columns as %j", (text, width, cut) => expect(truncate(text, width)).toBe(cut));

  test("is never wider than it was cut to", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(30), (text, width) => {
        expect(displayWidth(truncate(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("is filled up by columns, not by characters", () => {
    expect(padEnd("尺", 4)).toBe("尺  ");
    expect(padStart("\u001b[2m7\u001b[22m", 3)).toBe("  \u001b[2m7\u001b[22m");
  });

  test.each([
    ["10%\r50%\r100%\r", "100%"],
    ["\u001b[1;32mok\u001b[0m", "ok"],
    ["\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["\u001b]0;never closed", ""],
    ["a\tb  ", "a    b"],
    ["bell\u0007", "bell\\x07"],
  ])("%j of a build's log is shown as %j", (line, shown) => expect(cleanLine(line)).toBe(shown));

  test("of a build's log cannot steer the terminal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (line) => {
        expect(cleanLine(line)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
