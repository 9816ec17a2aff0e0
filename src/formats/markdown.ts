import { inert } from "./workflow-command.ts";

/**
 * Text that a stranger chose, as GitHub shows it letter for letter: nothing in it becomes markup, breaks a table, or
 * notifies a person (`@name`). `#12` stays as it is, so that GitHub links it; an address is no link: GitHub would count the backslash
 * behind it as the address's, and what that escaped would be markup (https://github.github.com/gfm/#autolinks-extension-).
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_~[\]<>|&$]/g, "\\$&")
    .replace(/@(?=[A-Za-z0-9])/g, "@&#8203;")
    .replace(/:(?=\/\/)/g, "&#58;")
    .replace(/\b(www)\./gi, "$1&#46;")
    .replace(/^(?:[-+](?=\s|$)|[=-]+$|#+(?=\s|$))/, "\\$&")
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, "$1\\$2");
}

/** A code span; in a table too, where a bar would end the cell. Of nothing it is nothing: two fences would be one opening one. */
export function codeSpan(text: string): string {
  const plain = withoutComment(oneLine(text));
  if (plain === "") return "";
  // A table's cells are told apart before its spans, and there `\\|` is a backslash and a cell's end.
  if (plain.includes("\\|")) return `<code>${escapeMarkdown(plain)}</code>`;
  const line = plain.replaceAll("|", "\\|");
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

/**
 * A block of code, by default of commands to copy, that nothing in it can end; a line each. No line is a runner's command, since
 * notes are printed in jobs, too.
 */
export function codeBlock(lines: readonly string[], language: "sh" | "text" = "sh"): string {
  const written = lines.map((line) => withoutComment(inert(line)));
  const longest = Math.max(2, ...written.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, ...written, fence].join("\n");
}

/**
 * A label of a Mermaid diagram, to stand in quotes: characters that would end it, or that a label shows as HTML or Markdown, are written by
 * their numbers. https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
 */
export function mermaidText(text: string): string {
  const code = (character: string): string => (character === '"' ? "#quot;" : `#${character.charCodeAt(0)};`);
  return oneLine(text).replace(/["#<>&`;*_[\]\\]/g, code);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}

/** Code is shown letter for letter, and is searched for the comments that mark a section, too. */
function withoutComment(code: string): string {
  return code.replaceAll("<!--", "<!\u200b--");
}
