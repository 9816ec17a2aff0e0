/**
 * Text that a stranger chose, as GitHub shows it letter for letter: nothing in it becomes markup, breaks a table, or
 * notifies a person (`@name`). `#12` stays as it is, so that GitHub links it.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_~[\]<>|&$]/g, "\\$&")
    .replace(/@(?=[A-Za-z0-9])/g, "@&#8203;")
    .replace(/^(?:[-+](?=\s|$)|[=-]+$|#+(?=\s|$))/, "\\$&")
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

/** A code span; in a table too, where a bar would end the cell. */
export function codeSpan(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** A table of GitHub's Markdown. Cells are Markdown already, without bars and line ends that are not escaped. */
export function renderMarkdownTable(
  head: readonly { readonly title: string; readonly right?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head.map(({ title }) => title)),
    line(head.map(({ right }) => (right === true ? "---:" : "---"))),
    ...rows.map(line),
  ].join("\n");
}

/** A block of commands to copy. */
export function codeBlock(lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n");
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u200b\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}
