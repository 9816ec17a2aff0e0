// Commands to a GitHub runner are lines on stdout. https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
import { printable } from "./plain-text.ts";

declare const brand: unique symbol;

/** A line of a job's log: a command made below, or text that no runner takes for a command. */
export type LogLine = string & { readonly [brand]: "LogLine" };

/** The file, line and title of an annotation. */
export interface AnnotationPlace {
  readonly title?: string | undefined;
  readonly file?: string | undefined;
  /** Counted from 1. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Makes an annotation. */
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

/** Makes one line that is not a command. */
export function inert(line: string): LogLine {
  return withoutCommand(printable(line)) as LogLine;
}

/**
 * Breaks commands to CI systems in a line: `::name::` after white space and `##[name]` anywhere (GitHub), `##vso[` (Azure Pipelines),
 * `##teamcity[` (TeamCity). Other lines are unchanged.
 */
export function withoutCommand(line: string): string {
  const plain = line.replace(/##(?=\w*\[)/g, "##\u200b");
  return /^\s*::/.test(plain) ? `| ${plain}` : plain;
}

/** Escapes an annotation's message. Line ends stay, so that an annotation has lines; other control characters become visible. */
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
