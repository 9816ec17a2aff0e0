import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markerFault, whoWroteSection, withSection } from "./section.ts";

const section = (text: string) => ({ name: "images", text });
const heading = "# Title";

describe("a section", () => {
  test("begins a file that is not there, and is changed in its place", () => {
    const first = withSection(null, section("one\n"), heading);
    expect(first.split("\n").filter((line) => !line.includes("sha256"))).toEqual([
      "# Title",
      "",
      "<!-- slipway:begin images -->",
      "one",
      "<!-- slipway:end images -->",
      "",
    ]);
    const mine = first.replace("# Title", "# Mine\n\nIntro").concat("\nOutro\n");
    const second = withSection(mine, section("two\n"), heading);
    expect(second).toContain("# Mine\n\nIntro");
    expect(second).toContain("\nOutro\n");
    expect(second).toContain("\ntwo\n");
    expect(second).not.toContain("one");
  });

  test("comes below what a person wrote, and keeps their line ends", () => {
    expect(withSection("# Mine\r\n", section("a\nb"), heading)).toMatch(
      /^# Mine\r\n\r\n<!-- slipway:begin images -->\r\n<!-- .* -->\r\na\r\nb\r\n<!-- slipway:end images -->\r\n$/,
    );
  });

  test("tells whether a person changed it", () => {
    const made = withSection(null, section("one\n\ntwo\n"), heading);
    expect(whoWroteSection(made, "images")).toBe("generated");
    expect(whoWroteSection(made.replaceAll("\n", "\r\n"), "images")).toBe("generated");
    expect(whoWroteSection(made.replace("two", "three"), "images")).toBe("edited");
    expect(whoWroteSection(made, "other")).toBe("absent");
  });

  test.each([
    ["a\n<!-- slipway:begin images -->\n", 2, "without"],
    ["<!-- slipway:end images -->\n", 1, "without"],
    ["<!-- slipway:end images -->\n<!-- slipway:begin images -->\n", 1, "comes before"],
    [
      "<!-- slipway:begin images -->\n<!-- slipway:end images -->\n<!-- slipway:begin images -->\n<!-- slipway:end images -->\n",
      3,
      "twice",
    ],
  ])("with markers that do not fit is told by its line: %j", (text, line, message) => {
    expect(markerFault(text, "images")).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  test("loses nothing of a person's, and written twice is the same", () => {
    const words = fc.string().filter((text) => !text.includes("slipway:"));
    fc.assert(
      fc.property(words, words, words, words, (above, below, one, two) => {
        const file = `${above}\n${withSection(null, section(one), heading)}${below}`;
        const again = withSection(file, section(two), heading);
        expect(again.startsWith(`${above}\n# Title\n`)).toBe(true);
        expect(again.endsWith(below)).toBe(true);
        expect(withSection(again, section(two), heading)).toBe(again);
      }),
    );
  });
});
