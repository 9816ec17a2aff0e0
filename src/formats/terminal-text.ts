import { escapeCharacter, printable } from "./plain-text.ts";
import { withoutCommand } from "./workflow-command.ts";

// Patterns of a terminal's own sequences (ECMA-48): CSI, OSC up to BEL or ST, and those of two characters.
const escape = "\u001b";
const sequences = new RegExp(
  `${escape}\\[[0-?]*[ -/]*[@-~]|${escape}\\][^\u0007${escape}]*(?:\u0007|${escape}\\\\)?|${escape}[ -/]*[0-~]`,
  "g",
);

/** Removes colours and cursor movements. */
export function withoutSequences(text: string): string {
  return text.replace(sequences, "");
}

/** Makes one line of a build's output safe: no colours, and only the text after its last carriage return. */
export function cleanLine(line: string): string {
  const last = withoutSequences(line)
    .split("\r")
    .filter((part) => part !== "")
    .at(-1);
  return printable((last ?? "").replaceAll("\t", "    ")).trimEnd();
}

/** Makes a program's output safe, line by line. */
export function cleanLines(text: string): string {
  return text.split("\n").map(cleanLine).join("\n");
}

/** The colours that reports use (SGR): bold, dim, red, green, yellow, cyan, and their ends. */
const colors = new Set([1, 2, 22, 31, 32, 33, 36, 39].map((code) => `${escape}[${code}m`));
const colorsAndSteering = new RegExp(
  `${escape}\\[\\d+m|(?![\\n\\t])[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]`,
  "gu",
);

/**
 * Makes text safe for any stream: it moves no cursor, sets no title, reverses no letters, and no line is a command to a CI system. The last
 * guard before a stream; foreign text passed `printable` before.
 */
export function terminalText(text: string): string {
  const steady = text.replace(colorsAndSteering, (found) =>
    colors.has(found) ? found : found.replace(/^./s, escapeCharacter),
  );
  return steady.split("\n").map(withoutCommand).join("\n");
}
