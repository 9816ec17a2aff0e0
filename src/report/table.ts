import { largest } from "../model/lists.ts";
import type { Paint, Style } from "./style.ts";
import { displayWidth, padEnd, padStart, truncate } from "./text.ts";

/** A text, optionally with a colour that it gets after it was cut and aligned. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

export interface TableOptions {
  readonly head?: readonly string[];
  /** Columns that are aligned to the right, counted from 0. */
  readonly right?: readonly number[];
  /** The column that gives way when a row is too wide; default the last. */
  readonly flexible?: number;
  readonly indent?: number;
}

const gap = "  ";

/** Aligned columns, a line a row, no wider than the style allows. Cells hold no colours and no line ends. */
export function renderTable(rows: readonly (readonly Cell[])[], style: Style, options: TableOptions = {}): string {
  const all = options.head === undefined ? rows : [options.head.map((text) => ({ text, paint: style.dim })), ...rows];
  const count = largest(all.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, column) =>
    largest(all.map((row) => displayWidth(textOf(row[column] ?? "")))),
  );
  const indent = " ".repeat(options.indent ?? 0);
  const widths = fit(natural, options.flexible ?? count - 1, style.columns - indent.length);
  return all
    .map((row) => {
      const cells = widths.map((width, column) =>
        renderCell(row[column] ?? "", width, options.right?.includes(column) ?? false, style),
      );
      return (indent + cells.join(gap)).trimEnd();
    })
    .join("\n");
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

/** Shrinks the flexible column, which keeps at least 8 columns. */
function fit(natural: readonly number[], flexible: number, columns: number): number[] {
  const total = natural.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, natural.length - 1);
  const tooMuch = Math.max(0, total - columns);
  return natural.map((width, column) => (column === flexible ? Math.max(Math.min(8, width), width - tooMuch) : width));
}

function renderCell(cell: Cell, width: number, right: boolean, style: Style): string {
  const text = truncate(textOf(cell), width, style.glyphs.ellipsis);
  const painted = typeof cell === "string" ? text : cell.paint(text);
  return right ? padStart(painted, width) : padEnd(painted, width);
}
