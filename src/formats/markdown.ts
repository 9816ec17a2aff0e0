import { largest } from "../model/lists.ts";
import { inert } from "./workflow-command.ts";

/**
 * Escapes foreign text for GitHub's Markdown: it becomes no markup, breaks no table, and notifies no one (`@name`). `#12` stays, so that
 * GitHub links it. Addresses are escaped too: an automatic link would swallow the backslash behind it, and the escaped character would
 * become markup (https://github.github.com/gfm/#autolinks-extension-).
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

/**
 * Makes a code span, also for tables, where a bar would end the cell. Empty text gives an empty string, since two fences without text would
 * open a span.
 */
export function codeSpan(text: string): string {
  const plain = withoutComment(oneLine(text));
  if (plain === "") return "";
  // GitHub splits table cells before it reads spans, and takes `\\|` for a backslash and the end of a cell.
  if (plain.includes("\\|")) return `<code>${escapeMarkdown(plain)}</code>`;
  const line = plain.replaceAll("|", "\\|");
  const longest = largest([...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Makes a table of GitHub's Markdown. Cells must be Markdown already, with bars and line ends escaped. */
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
 * Makes a fenced block that no line can end, by default of shell commands. No line becomes a runner's command, since jobs print notes too.
 */
export function codeBlock(lines: readonly string[], language: "sh" | "text" = "sh"): string {
  const written = lines.map((line) => withoutComment(inert(line)));
  const longest = largest(
    written.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
    2,
  );
  const fence = "`".repeat(longest + 1);
  return [`${fence}${language}`, ...written, fence].join("\n");
}

/**
 * Escapes a Mermaid label that stands in quotes: quotes, HTML and Markdown become character codes.
 * https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
 */
export function mermaidText(text: string): string {
  const code = (character: string): string => (character === '"' ? "#quot;" : `#${character.charCodeAt(0)};`);
  return oneLine(text).replace(/["#<>&`;*_[\]\\]/g, code);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ").trim();
}

/** Breaks the beginning of an HTML comment: sections are found by their comments, also inside code. */
function withoutComment(code: string): string {
  return code.replaceAll("<!--", "<!\u200b--");
}
