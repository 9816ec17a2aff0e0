// The commands that a step gives its runner by printing them.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
import { printable } from "./plain-text.ts";

declare const brand: unique symbol;

/** A line of a job's log: one of the commands below, or a text that no runner takes for a command. */
export type LogLine = string & { readonly [brand]: "LogLine" };

/** Where an annotation stands, and under which title. */
export interface AnnotationPlace {
  readonly title?: string | undefined;
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** A line that makes an annotation. */
export function annotation(
  level: "error" | "warning" | "notice",
  message: string,
  place: AnnotationPlace = {},
): LogLine {
  const { title, file, line, column } = place;
  const properties = Object.entries({ file, line, col: column, title })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`]))
    .join(",");
  return `::${level}${properties === "" ? "" : ` ${properties}`}::${escapeData(message)}` as LogLine;
}

/** Opens a group of lines that is folded; the next `groupEnd` closes it. */
export function groupStart(title: string): LogLine {
  return `::group::${escapeData(withoutCommand(title))}` as LogLine;
}

/** Closes the group that is open. */
export const groupEnd = "::endgroup::" as LogLine;

/** A text as one line that is no command. */
export function inert(line: string): LogLine {
  return withoutCommand(printable(line)) as LogLine;
}

/**
 * A line that no CI system takes for a command: a runner's are `::name::` after white space and `##[name]` anywhere; Azure Pipelines and
 * TeamCity have `##vso[` and `##teamcity[`. A line that has none is given back as it is.
 */
export function withoutCommand(line: string): string {
  const plain = line.replace(/##(?=\w*\[)/g, "##\u200b");
  return /^\s*::/.test(plain) ? `| ${plain}` : plain;
}

/** Line ends are kept, so that an annotation shows lines; nothing else in it steers a terminal. */
function escapeData(text: string): string {
  return text
    .replace(/[^\r\n]+/g, printable)
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
