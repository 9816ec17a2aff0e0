// The commands that a step gives its runner by printing them.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands

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
): string {
  const { title, file, line, column } = place;
  const properties = Object.entries({ file, line, col: column, title })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`]))
    .join(",");
  return `::${level}${properties === "" ? "" : ` ${properties}`}::${escapeData(message)}`;
}

/** Opens a group of lines that is folded; the next `groupEnd` closes it. */
export function groupStart(title: string): string {
  return `::group::${escapeData(inert(title))}`;
}

/** Closes the group that is open. */
export const groupEnd = "::endgroup::";

/** A line of text that a runner takes for no command of either form (`::name::`, `##[name]`), whoever wrote it. */
export function inert(line: string): string {
  const plain = line.replaceAll("##[", "##\u200b[");
  return /^\s*::/.test(plain) ? `| ${plain}` : plain;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
