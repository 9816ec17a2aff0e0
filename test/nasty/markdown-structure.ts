import { lexer, type Token } from "marked";

/**
 * What a Markdown text is made of, without its words: `heading(text) table(…)`. Two texts that differ in words alone have the same.
 * Letters that are escaped and entities count as words.
 */
export function structureOf(markdown: string): string {
  return structure(lexer(markdown, { gfm: true }));
}

/** All words of a text, outside of code. */
export function wordsOf(markdown: string): string {
  return words(lexer(markdown, { gfm: true })).join(" ");
}

/** Rows of tables that have more or fewer cells than their head, as GitHub counts: a backslash escapes the character behind it. */
export function brokenRows(markdown: string): string[] {
  const broken: string[] = [];
  let head: number | undefined;
  for (const line of markdown.split("\n")) {
    const cells = line.startsWith("| ") ? (line.match(/(?:\\.|[^\\|])*\|/gs)?.length ?? 0) : undefined;
    if (cells !== undefined && head !== undefined && cells !== head) broken.push(line);
    head = cells === undefined ? undefined : (head ?? cells);
  }
  return broken;
}

function structure(tokens: readonly Token[]): string {
  const parts = tokens.map(partOf).filter((part) => part !== "");
  const joined = parts.filter((part, at) => part !== "text" || parts[at - 1] !== "text").join(" ");
  return joined.replaceAll("html(<code>) text html(</code>)", "codespan");
}

function partOf(token: Token): string {
  switch (token.type) {
    case "space":
    case "def":
      return token.type === "def" ? "def" : "";
    case "escape":
      return "text";
    case "text":
      return "tokens" in token && token.tokens !== undefined ? structure(token.tokens) : "text";
    case "html":
      return `html(${token.raw.trim()})`;
    case "link":
      return `link(${structure(token.tokens ?? [])})`;
    case "list":
      return `list(${(token as { items: Token[] }).items.map((item) => structure([item])).join(", ")})`;
    case "table": {
      const { header, rows } = token as { header: Cell[]; rows: Cell[][] };
      return `table(${[header, ...rows].map((row) => row.map(({ tokens: own }) => structure(own)).join(" | ")).join(" / ")})`;
    }
    case "code":
    case "codespan":
    case "hr":
    case "br":
    case "image":
      return token.type;
    default:
      return `${token.type}(${structure("tokens" in token ? (token.tokens ?? []) : [])})`;
  }
}

interface Cell {
  readonly tokens: Token[];
}

function words(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => {
    if (token.type === "table") {
      const { header, rows } = token as { header: Cell[]; rows: Cell[][] };
      return [header, ...rows].flat().flatMap(({ tokens: own }) => words(own));
    }
    if (token.type === "list") return words((token as { items: Token[] }).items);
    if ("tokens" in token && token.tokens !== undefined) return words(token.tokens);
    return token.type === "text" || token.type === "escape" ? [token.raw] : [];
  });
}
