import { posix } from "node:path";
import { joinTexts, shellText, type ShellText } from "../shell/expand-word.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import type { ImageCommand } from "./image-command.ts";

/** Attribute of a block: the texts of its string or list of strings; undefined: another expression, which only bake evaluates. */
type Attribute = readonly string[] | undefined;

/** Files that bake reads by itself; one beside the HCL file may change its tags. */
const others = [
  "docker-bake.json",
  "docker-bake.override.json",
  "docker-bake.override.hcl",
  "compose.yaml",
  "compose.yml",
  "docker-compose.yml",
  "docker-compose.yaml",
];

/**
 * Returns the tags of the targets that bake builds, read from one HCL file whose tags are strings with variables; undefined: only bake can evaluate
 * them (functions, a matrix, several files, `--set`). A variable has the value of the workflow or the script, else its default.
 */
export function tagsOfBake(
  { files: named, targets, set }: ImageCommand & { kind: "bake" },
  { folder, variables }: { readonly folder: ShellText; readonly variables: ReadonlyMap<string, ShellText> },
  files: WorkflowFiles,
): readonly ShellText[] | undefined {
  const isOpen = [...named, ...targets, folder].some(({ unknown }) => unknown.length > 0);
  if (isOpen || named.length > 1 || set.some(({ text, unknown }) => unknown.length > 0 || /\.tags/.test(text)))
    return undefined;
  const at = (name: string): string => posix.normalize(posix.join(folder.text, name));
  if (named.length === 0 && others.some((name) => files.paths.has(at(name)))) return undefined;
  const path = at(named[0]?.text ?? "docker-bake.hcl");
  const text = path.endsWith(".hcl") ? files.read(path) : undefined;
  const blocks = text === undefined ? undefined : blocksOf(text);
  if (blocks === undefined) return undefined;
  const wanted = targetsOf(blocks, targets.length === 0 ? ["default"] : targets.map((each) => each.text), 0);
  const all = wanted?.map((name) => tagsOf(blocks, name, 0));
  if (all === undefined || all.some((each) => each === undefined)) return undefined;
  const filled = all.flatMap((each) => each ?? []).map((tag) => fill(tag, blocks, variables));
  return filled.length === 0 ? undefined : filled;
}

/** Blocks by kind and name: `target web`. */
type Blocks = ReadonlyMap<string, ReadonlyMap<string, Attribute>>;

const deepest = 20;

function targetsOf(blocks: Blocks, names: readonly string[], depth: number): string[] | undefined {
  const found: string[] = [];
  for (const name of names) {
    const group = blocks.get(`group ${name}`);
    const members = group === undefined ? undefined : group.get("targets");
    const inner = members === undefined || depth > deepest ? undefined : targetsOf(blocks, members, depth + 1);
    if (inner !== undefined) for (const each of inner) found.push(each);
    else if (group === undefined && blocks.has(`target ${name}`)) found.push(name);
    else return undefined;
  }
  return [...new Set(found)];
}

/** Returns the tags of a target, its own or those it inherits; undefined: they are not plain, or the target has a matrix. */
function tagsOf(blocks: Blocks, name: string, depth: number): readonly string[] | undefined {
  const target = blocks.get(`target ${name}`);
  if (target === undefined || target.has("matrix") || target.has("name") || depth > deepest) return undefined;
  if (target.has("tags")) return target.get("tags");
  if (!target.has("inherits")) return [];
  const from = target.get("inherits")?.map((each) => tagsOf(blocks, each, depth + 1));
  if (from === undefined || from.some((each) => each === undefined)) return undefined;
  return from.findLast((each) => each !== undefined && each.length > 0) ?? [];
}

/** Fills in `${NAME}`. A default stands as what it is unless the variable is set. */
function fill(tag: string, blocks: Blocks, variables: ReadonlyMap<string, ShellText>): ShellText {
  const parts: ShellText[] = [];
  let from = 0;
  for (let at = tag.indexOf("${"); at >= 0; at = tag.indexOf("${", from)) {
    const end = tag.indexOf("}", at);
    if (end < 0) break;
    const name = tag.slice(at + 2, end).trim();
    const [fallback] = blocks.get(`variable ${name}`)?.get("default") ?? [];
    const raw = fallback === undefined || fallback.includes("$") ? `\${${name}}` : `\${${name}:-${fallback}}`;
    parts.push(shellText(tag.slice(from, at)), variables.get(name) ?? { text: raw, unknown: [raw] });
    from = end + 1;
  }
  return joinTexts([...parts, shellText(tag.slice(from))]);
}

type Token = { readonly kind: "string" | "word" | "mark"; readonly text: string };

/** Reads the blocks of an HCL file; undefined: it has something at its top that is not a block of bake. */
function blocksOf(text: string): Blocks | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const blocks = new Map<string, Map<string, Attribute>>();
  for (let at = 0; at < tokens.length;) {
    const [kind, name, open] = [tokens[at], tokens[at + 1], tokens[at + 2]];
    if (kind?.text === "\n") {
      at += 1;
      continue;
    }
    if (kind?.kind !== "word" || name?.kind !== "string" || open?.text !== "{") return undefined;
    const attributes = new Map<string, Attribute>();
    at = readBody(tokens, at + 3, attributes);
    const key = `${kind.text} ${name.text}`;
    // A block that is there twice is merged by bake.
    if (blocks.has(key)) return undefined;
    blocks.set(key, attributes);
  }
  return blocks;
}

/** Reads the attributes of a block. Returns the index after its end. */
function readBody(tokens: readonly Token[], start: number, attributes: Map<string, Attribute>): number {
  let depth = 0;
  let at = start;
  let name: string | undefined;
  let value: Token[] = [];
  const close = (): void => {
    if (name !== undefined) attributes.set(name, valueOf(value));
    name = undefined;
    value = [];
  };
  for (; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const isMark = token.kind === "mark";
    if (isMark && depth === 0 && token.text === "}") break;
    if (isMark && depth === 0 && token.text === "\n") close();
    else if (name === undefined && token.kind === "word") {
      name = token.text;
      if (tokens[at + 1]?.text === "=") at += 1;
    } else value.push(token);
    if (isMark && /^[{[(]$/.test(token.text)) depth += 1;
    if (isMark && /^[}\])]$/.test(token.text)) depth -= 1;
  }
  close();
  return at + 1;
}

/** Returns the strings of `"a"` or `["a", "b"]`; undefined: another expression, or a string with more than variables in it. */
function valueOf(tokens: readonly Token[]): Attribute {
  const plain = tokens.filter(({ kind, text }) => kind !== "mark" || text !== "\n");
  const [first] = plain;
  const isList = first?.text === "[" && first.kind === "mark" && plain.at(-1)?.text === "]";
  const items = isList ? plain.slice(1, -1).filter(({ kind, text }) => kind !== "mark" || text !== ",") : plain;
  const isPlain = items.every(({ kind, text }) => kind === "string" && !/\$\{(?!\s*\w+\s*\})|%\{/.test(text));
  return isPlain && (isList || items.length === 1) ? items.map(({ text }) => text) : undefined;
}

/** Splits HCL into strings, words and marks, without comments; undefined: it has a text in another form (`<<EOF`). */
function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at);
    if (character === "#" || text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at);
      at = end < 0 ? text.length : end + 2;
    } else if (text.startsWith("<<", at)) return undefined;
    else if (character === '"') {
      const end = endOfString(text, at + 1);
      tokens.push({ kind: "string", text: text.slice(at + 1, end) });
      at = end + 1;
    } else if (/\w/.test(character)) {
      let end = at + 1;
      while (end < text.length && /[\w-]/.test(text.charAt(end))) end += 1;
      tokens.push({ kind: "word", text: text.slice(at, end) });
      at = end;
    } else {
      if (character === "\n" || !/\s/.test(character)) tokens.push({ kind: "mark", text: character });
      at += 1;
    }
  }
  return tokens;
}

/** Returns the offset of the quote that ends a string; quotes inside `${…}` do not end it. */
function endOfString(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") at += 1;
    else if (text.startsWith("${", at)) depth += 1;
    else if (character === "}" && depth > 0) depth -= 1;
    else if (character === '"' && depth === 0) return at;
  }
  return text.length;
}
