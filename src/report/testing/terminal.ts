import type { Output } from "../../host.ts";
import { displayWidth } from "../text.ts";

interface Cell {
  readonly text: string;
  readonly color: string;
}

/** A line of a terminal; `wraps` when it goes on in the next because it was full. */
interface Line {
  cells: Cell[];
  wraps: boolean;
}

/** A terminal of a few rows: what is written to it can be seen. */
export interface Terminal extends Output {
  /** Everything that was ever on it, without trailing spaces and empty lines. */
  readonly text: () => string;
  /** The same with colours: `<green>built</>`. */
  readonly coloredText: () => string;
  /** Only the rows that are in view. */
  view(): string[];
  readonly cursorIsHidden: boolean;
  /** Every byte of it. */
  written(): string;
  /** How often something was written. */
  readonly writes: number;
  /** Makes it wider or narrower; lines that wrapped are joined and cut again, as most terminals do. */
  resize(columns: number, rows: number): void;
}

const colors: Readonly<Record<string, string>> = {
  "1": "bold",
  "2": "dim",
  "31": "red",
  "32": "green",
  "33": "yellow",
  "36": "cyan",
};
const escape = "\u001b";
const tokens = new RegExp(`${escape}\\[([?0-9;]*)([A-Za-z])|[\\n\\r]|\\P{M}\\p{M}*`, "gu");

/** Understands what the live view uses of ECMA-48, and throws at everything else. */
export function makeTerminal(startColumns = 80, startRows = 24): Terminal {
  let columns = startColumns;
  let rows = startRows;
  let lines: Line[] = [{ cells: [], wraps: false }];
  let row = 0;
  let column = 0;
  let hidden = false;
  let color = "";
  let writes = 0;
  let all = "";

  const lineAt = (at: number): Line => {
    while (lines.length <= at) lines.push({ cells: [], wraps: false });
    return lines[at] ?? { cells: [], wraps: false };
  };
  const top = (): number => Math.max(0, lines.length - rows);
  const put = (text: string): void => {
    const width = displayWidth(text);
    if (column + width > columns) {
      lineAt(row).wraps = true;
      row += 1;
      column = 0;
    }
    const { cells } = lineAt(row);
    while (cells.length < column) cells.push({ text: " ", color: "" });
    cells[column] = { text, color };
    for (let extra = 1; extra < width; extra++) cells[column + extra] = { text: "", color };
    column += width;
  };
  const control = (parameters: string, final: string): void => {
    switch (`${parameters.startsWith("?") ? "?" : ""}${final}`) {
      case "A":
        row = Math.max(top(), row - Number(parameters || "1"));
        return;
      case "K":
        // After the last column the cursor still stands on it: that character goes too.
        lineAt(row).cells.length = Math.min(lineAt(row).cells.length, column, columns - 1);
        lineAt(row).wraps = false;
        return;
      case "J":
        lineAt(row).cells.length = Math.min(lineAt(row).cells.length, column);
        // The screen keeps its height: lines that were in view stay, empty.
        for (const line of lines.slice(row + 1)) Object.assign(line, { cells: [], wraps: false });
        return;
      case "m":
        color = colors[parameters] ?? "";
        return;
      case "?h":
      case "?l":
        if (parameters === "?25") hidden = final === "l";
        else if (parameters !== "?2026") throw new Error(`the terminal knows no mode ${parameters}`);
        return;
      default:
        throw new Error(`the terminal knows no sequence ESC [ ${parameters} ${final}`);
    }
  };
  const write = (text: string): void => {
    writes += 1;
    all += text;
    let end = 0;
    for (const match of text.matchAll(tokens)) {
      if (match.index !== end)
        throw new Error(`the terminal does not understand ${JSON.stringify(text.slice(end, match.index))}`);
      end = match.index + match[0].length;
      const [token, parameters, final] = match;
      if (final !== undefined) control(parameters ?? "", final);
      else if (token === "\r") column = 0;
      else if (token === "\n") {
        row += 1;
        column = 0;
        lineAt(row);
      } else if (/^\p{Cc}/u.test(token))
        throw new Error(`the terminal got the control character ${JSON.stringify(token)}`);
      else put(token);
    }
    if (end !== text.length) throw new Error(`the terminal does not understand ${JSON.stringify(text.slice(end))}`);
  };
  const render = (line: Line, colored: boolean): string => {
    if (!colored)
      return line.cells
        .map(({ text }) => text)
        .join("")
        .trimEnd();
    const runs: Cell[] = [];
    for (const cell of line.cells) {
      const last = runs.at(-1);
      if (last?.color === cell.color) runs[runs.length - 1] = { text: last.text + cell.text, color: cell.color };
      else runs.push(cell);
    }
    return runs
      .map(({ text, color }) => (color === "" ? text : `<${color}>${text}</>`))
      .join("")
      .trimEnd();
  };
  const screen = (colored: boolean): string =>
    lines
      .map((line) => render(line, colored))
      .join("\n")
      .trimEnd();

  return {
    write,
    written: () => all,
    isTTY: true,
    get columns() {
      return columns;
    },
    get rows() {
      return rows;
    },
    get cursorIsHidden() {
      return hidden;
    },
    get writes() {
      return writes;
    },
    text: () => screen(false),
    coloredText: () => screen(true),
    view: () => lines.slice(top()).map((line) => render(line, false)),
    resize: (toColumns, toRows) => {
      columns = toColumns;
      rows = toRows;
      // What is empty below the cursor goes before anything above is pushed out of view.
      while (lines.length - 1 > row && lines.at(-1)?.cells.length === 0) lines.pop();
      const fromBelow = lines.length - row;
      lines = reflow(lines, columns);
      row = lines.length - fromBelow;
    },
  };
}

function reflow(lines: readonly Line[], columns: number): Line[] {
  const joined: Cell[][] = [];
  let open = false;
  for (const line of lines) {
    if (open) joined.at(-1)?.push(...line.cells);
    else joined.push([...line.cells]);
    open = line.wraps;
  }
  return joined.flatMap((cells) => {
    const count = Math.max(1, Math.ceil(cells.length / columns));
    return Array.from({ length: count }, (_, at) => ({
      cells: cells.slice(at * columns, (at + 1) * columns),
      wraps: at < count - 1,
    }));
  });
}
