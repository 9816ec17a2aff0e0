import { describe, expect, test } from "vitest";
import { makeStyle } from "./style.ts";
import { renderTable } from "./table.ts";
import { displayWidth } from "./text.ts";

const rows = [
  ["api", "services/api/Dockerfile", "12"],
  ["größe-尺寸", "a", "3"],
];

describe("a table", () => {
  test("aligns columns by the width they take on a terminal", () => {
    expect(renderTable(rows, makeStyle(false), { head: ["NAME", "FILE", "N"], right: [2] })).toBe(
      [
        "NAME        FILE                      N",
        "api         services/api/Dockerfile  12",
        "größe-尺寸  a                         3",
      ].join("\n"),
    );
  });

  test.each([60, 30, 24])("takes what is too much from its flexible column at %i columns", (columns) => {
    const table = renderTable(rows, makeStyle(false, { columns }), { flexible: 1, indent: 2 });
    const widths = table.split("\n").map(displayWidth);
    expect(Math.max(...widths)).toBeLessThanOrEqual(Math.max(columns, 2 + 10 + 2 + 8 + 2 + 2));
    expect(table).toContain(columns < 40 ? "…" : "services/api/Dockerfile");
    expect(table).toContain("12");
  });

  test("colours a cell without moving the next", () => {
    const style = makeStyle(true);
    const table = renderTable(
      [
        [{ text: "ok", paint: style.green }, "x"],
        ["longer", "y"],
      ],
      style,
    );
    expect(table).toBe("\u001b[32mok\u001b[39m      x\nlonger  y");
  });

  test("of no rows is empty", () => expect(renderTable([], makeStyle(false))).toBe(""));
});
