import type { Output } from "../host.ts";
import { displayWidth } from "./text.ts";

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
// Terminals that know it show the whole frame at once (DEC mode 2026); the others pass it over.
const beginFrame = "\x1b[?2026h";
const endFrame = "\x1b[?2026l";
const clearLine = "\x1b[K";
const clearBelow = "\x1b[J";

/** The last lines of a terminal, redrawn in place; what is printed goes above them. */
export interface Screen {
  /** Draws these lines where the last ones were. No line may be wider than the terminal. */
  draw(lines: readonly string[]): void;
  /** Takes the drawn lines away and writes these for good. */
  print(lines: readonly string[]): void;
  /** Shows the cursor from now on, whatever is drawn. */
  showCursor(): void;
}

export function makeScreen(output: Output): Screen {
  let drawn: readonly string[] = [];
  let hidden = false;
  let mayHide = true;

  /** Moves to the first drawn line. A terminal that was made narrower has wrapped them. */
  const rewind = (): string => {
    const columns = widthOf(output);
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    const up = Math.min(rows, Math.max(0, heightOf(output) - 1));
    return up === 0 ? "\r" : `\x1b[${up}A\r`;
  };
  const write = (kept: readonly string[], lines: readonly string[]): void => {
    const hide = mayHide && !hidden && lines.length > 0 ? hideCursor : "";
    const show = hidden && lines.length === 0 ? showCursor : "";
    hidden = (hidden || hide !== "") && show === "";
    const text = [...kept, ...lines].map((line) => `${line}${clearLine}\n`).join("");
    output.write(`${beginFrame}${hide}${rewind()}${text}${clearBelow}${show}${endFrame}`);
    drawn = lines;
  };

  return {
    draw: (lines) => {
      if (lines.length === 0 && drawn.length === 0) return;
      if (lines.length === drawn.length && lines.every((line, at) => line === drawn[at])) return;
      write([], lines);
    },
    print: (lines) => {
      if (drawn.length > 0) write(lines, []);
      else output.write(lines.map((line) => `${line}\n`).join(""));
    },
    showCursor: () => {
      mayHide = false;
      if (hidden) output.write(showCursor);
      hidden = false;
    },
  };
}

/** A pseudo-terminal that nobody sized says 0. */
export function widthOf(output: Pick<Output, "columns">): number {
  return output.columns > 0 ? output.columns : 80;
}

export function heightOf(output: Pick<Output, "rows">): number {
  return output.rows > 0 ? output.rows : 24;
}
