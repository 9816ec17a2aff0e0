import { addAll } from "../model/lists.ts";
import type { Output } from "../host.ts";
import { terminalText } from "../formats/terminal-text.ts";
import { displayWidth } from "./text.ts";

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
// Makes a terminal show the whole frame at once (DEC mode 2026); other terminals ignore it.
const beginFrame = "\x1b[?2026h";
const endFrame = "\x1b[?2026l";
const clearLine = "\x1b[K";
const clearBelow = "\x1b[J";

/** The last lines of a terminal, redrawn in place. Printed lines go above them. */
export interface Screen {
  /** Replaces the drawn lines, below the printed ones. No line may be wider than the terminal. */
  draw(lines: readonly string[]): void;
  /** Prints lines for good, with the next draw. */
  print(lines: readonly string[]): void;
  /** Shows the cursor from now on. */
  showCursor(): void;
}

export function makeScreen(output: Output): Screen {
  let printed: string[] = [];
  let drawn: readonly string[] = [];
  let hidden = false;
  let mayHide = true;

  /** Moves to the first drawn line. A terminal that became narrower has wrapped some. */
  const rewind = (): string => {
    const { columns } = output;
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    const up = Math.min(rows, Math.max(0, output.rows - 1));
    return up === 0 ? "\r" : `\x1b[${up}A\r`;
  };
  return {
    draw: (lines) => {
      const isSame = lines.length === drawn.length && lines.every((line, at) => line === drawn[at]);
      if (isSame && printed.length === 0) return;
      const hide = mayHide && !hidden && lines.length > 0 ? hideCursor : "";
      const show = hidden && lines.length === 0 ? showCursor : "";
      hidden = (hidden || hide !== "") && show === "";
      // Printed lines may wrap, so the drawn ones are cleared before them. Drawn lines replace each other one by one.
      const kept =
        printed.length === 0 ? "" : `${clearBelow}${printed.map((line) => `${terminalText(line)}\n`).join("")}`;
      const text = lines.map((line) => `${terminalText(line)}${clearLine}\n`).join("");
      output.write(`${beginFrame}${hide}${rewind()}${kept}${text}${clearBelow}${show}${endFrame}`);
      printed = [];
      drawn = lines;
    },
    print: (lines) => addAll(printed, lines),
    showCursor: () => {
      mayHide = false;
      if (hidden) output.write(showCursor);
      hidden = false;
    },
  };
}
