import { addAll } from "../model/lists.ts";
import { errorMessage, SlipwayError } from "../errors.ts";
import type { Style } from "./style.ts";
import { cleanLine } from "../formats/terminal-text.ts";

/** Renders an error: the action, the fault, and advice. `verbose` adds all causes, and the stack of an unexpected error. */
export function renderError(error: unknown, style: Style, options: { readonly verbose: boolean }): string {
  const [first = "", ...rest] = cleanLines(errorMessage(error));
  const lines = [`${style.red("error:")} ${first}`, ...rest.map((line) => `  ${line}`)];
  if (error instanceof SlipwayError) {
    if (error.hint !== undefined)
      addAll(
        lines,
        cleanLines(error.hint).map((line, at) => hintLine(line, at, style)),
      );
  } else {
    lines.push(
      hintLine("this error is not expected; run the command again with --verbose and report the output", 0, style),
    );
  }
  if (options.verbose)
    addAll(
      lines,
      renderCauses(error).map((line) => style.dim(line)),
    );
  return lines.join("\n");
}

function hintLine(line: string, at: number, style: Style): string {
  return at === 0 ? `${style.cyan(" hint:")} ${line}` : `       ${line}`;
}

function renderCauses(error: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  let current: unknown = error;
  while (current instanceof Error && !seen.has(current)) {
    seen.add(current);
    if (!(current instanceof SlipwayError) && current.stack !== undefined) {
      addAll(
        lines,
        cleanLines(current.stack).map((line) => `  ${line}`),
      );
    }
    current = current.cause;
    if (current !== undefined)
      addAll(
        lines,
        cleanLines(errorMessage(current)).map((line) => `  caused by: ${line}`),
      );
  }
  return lines;
}

/** Cleans text line by line, so that diagnostics keep their lines and nothing steers the terminal. */
function cleanLines(text: string): string[] {
  return text
    .split("\n")
    .map(cleanLine)
    .filter((line, at) => at === 0 || line !== "");
}
