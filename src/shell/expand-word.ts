import { withoutGlob } from "./glob.ts";
import type { ShellNode, ShellWord, WordPart } from "./script.ts";

/** Text whose parts may be unknown: the text contains them as they are written in the script, and `unknown` lists them. */
export interface ShellText {
  readonly text: string;
  readonly unknown: readonly string[];
}

/** Values from which words are expanded. */
export interface ShellValues {
  readonly variables: ReadonlyMap<string, ShellText>;
  readonly arrays?: ReadonlyMap<string, readonly ShellText[]>;
  /** Arguments `$1`, `$2`, …; undefined: the call of the script is unknown. */
  readonly args: readonly ShellText[] | undefined;
  /** Evaluates an expression of the workflow (`${{ … }}`). */
  readonly evaluate: (inside: string, raw: string) => ShellText;
}

export function shellText(text: string): ShellText {
  return { text, unknown: [] };
}

/** Makes an unknown text of its source, on one line, so that no reader of lines cuts it. */
function unknownText(raw: string): ShellText {
  const text = raw.includes("\n")
    ? raw
        .split("\n")
        .map((line) => line.trim())
        .join(" ")
    : raw;
  return { text, unknown: [text] };
}

/** Joins texts with all their unknown parts. */
export function joinTexts(texts: readonly ShellText[], separator = ""): ShellText {
  return {
    text: texts.map(({ text }) => text).join(separator),
    unknown: [...new Set(texts.flatMap(({ unknown }) => unknown))],
  };
}

/** Expands a word to one text, without splitting it at blanks. */
export function expandText(word: ShellWord, values: ShellValues): ShellText {
  return joinTexts(word.parts.map((part) => valueOfPart(part, values)));
}

/** Expands a word to its fields, as the shell does: an unquoted variable is split at blanks, and an empty one gives no field. */
export function expandFields(word: ShellWord, values: ShellValues): ShellText[] {
  const done: ShellText[] = [];
  let current: ShellText[] = [];
  let isOpen = false;
  const close = (): void => {
    if (isOpen) done.push(joinTexts(current));
    current = [];
    isOpen = false;
  };
  for (const part of word.parts) {
    const listed = wordsOfPart(part, values);
    if (listed !== undefined) {
      for (const each of listed) {
        current.push(each);
        isOpen = true;
        close();
      }
      continue;
    }
    const value = valueOfPart(part, values);
    if (!("isQuoted" in part) || part.isQuoted) {
      current.push(value);
      isOpen = true;
      continue;
    }
    for (const [index, piece] of cutAtBlanks(value).entries()) {
      if (index > 0) close();
      if (piece.text === "") continue;
      current.push(piece);
      isOpen = true;
    }
  }
  close();
  return done;
}

/** Splits a text at blanks. Blanks inside an unknown part, such as `$(git rev-parse HEAD)`, do not split. */
function cutAtBlanks({ text, unknown }: ShellText): ShellText[] {
  const masked = unknown.reduce((rest, name) => rest.replaceAll(name, "x".repeat(name.length)), text);
  const pieces: ShellText[] = [];
  let from = 0;
  for (const { index, 0: blank } of masked.matchAll(/\s+/g)) {
    pieces.push(pieceOf(text.slice(from, index), unknown));
    from = index + blank.length;
  }
  return [...pieces, pieceOf(text.slice(from), unknown)];
}

function pieceOf(text: string, unknown: readonly string[]): ShellText {
  return { text, unknown: unknown.filter((name) => text.includes(name)) };
}

/** Returns the fields of `"$@"` and `"${NAME[@]}"`, one for each item; undefined: another part. */
function wordsOfPart(part: WordPart, { args, arrays }: ShellValues): readonly ShellText[] | undefined {
  if (part.kind === "variable" && part.name === "@") return args ?? [unknownText(part.raw)];
  if (part.kind !== "expansion" || !/^\[[@*]\]$/.test(part.operation)) return undefined;
  return arrays?.get(part.name) ?? [unknownText(part.raw)];
}

function valueOfPart(part: WordPart, values: ShellValues): ShellText {
  switch (part.kind) {
    case "text":
      return shellText(part.text);
    case "expression":
      return values.evaluate(part.inside, part.raw);
    case "other":
      return unknownText(part.raw);
    case "variable":
      return valueOfName(part.name, part.raw, values);
    case "expansion":
      return expandOperation(part, values);
    case "substitution":
      return valueOfSubstitution(part.body, values) ?? unknownText(part.raw);
  }
}

function valueOfName(name: string, raw: string, { variables, args }: ShellValues): ShellText {
  if (/^[1-9]\d?$/.test(name)) return args === undefined ? unknownText(raw) : (args[Number(name) - 1] ?? shellText(""));
  if (name === "#") return args === undefined ? unknownText(raw) : shellText(String(args.length));
  if (name === "@" || name === "*") return args === undefined ? unknownText(raw) : joinTexts(args, " ");
  return variables.get(name) ?? unknownText(raw);
}

function expandOperation(part: WordPart & { kind: "expansion" }, values: ShellValues): ShellText {
  const { name, operation, raw } = part;
  const value = valueOfName(name, raw, values);
  const [, colon, fallback] = /^(:?)[-=](.*)$/s.exec(operation) ?? [];
  if (fallback !== undefined) {
    // Without the colon, an empty value counts as a value.
    if (value.unknown.length > 0 || value.text !== "" || colon === "") return value;
    return /[$`]/.test(fallback) ? unknownText(raw) : shellText(fallback.replaceAll(/^["']|["']$/g, ""));
  }
  const [, ifSet, alternative] = /^(:?)\+(.*)$/s.exec(operation) ?? [];
  if (value.unknown.length > 0 || /[$`]/.test(operation)) return unknownText(raw);
  if (alternative !== undefined)
    return shellText(value.text === "" && ifSet === ":" ? "" : alternative.replaceAll(/^["']|["']$/g, ""));
  const made = applyOperation(value.text, operation);
  return made === undefined ? unknownText(raw) : shellText(made);
}

/** Applies an expansion's operation to a known value; undefined: the operation is not supported. Source: bash, "Shell Parameter Expansion". */
function applyOperation(text: string, operation: string): string | undefined {
  const unquoted = (pattern: string): string => pattern.replaceAll(/\\(.)|["']/g, "$1");
  const [, cut = "", pattern = ""] = /^(##?|%%?)(.*)$/s.exec(operation) ?? [];
  if (cut !== "")
    return withoutGlob(text, unquoted(pattern), {
      from: cut.startsWith("#") ? "start" : "end",
      isLongest: cut.length === 2,
    });
  const [, offset, length] = /^:(\d*)(?::(\d+))?$/.exec(operation) ?? [];
  if (offset !== undefined)
    return text.slice(Number(offset), length === undefined ? undefined : Number(offset) + Number(length));
  if (operation === ",,") return text.toLowerCase();
  if (operation === "^^") return text.toUpperCase();
  const [, all = "", from = "", to = ""] = /^\/(\/?)((?:\\.|[^/*?[\\])+)(?:\/([^/]*))?$/.exec(operation) ?? [];
  if (from === "") return undefined;
  return all === ""
    ? text.replace(unquoted(from), () => unquoted(to))
    : text.replaceAll(unquoted(from), () => unquoted(to));
}

/** Evaluates a substitution: `$(echo …)`, also piped through known filters such as `tr`; undefined: it runs another program. */
function valueOfSubstitution(body: readonly ShellNode[], values: ShellValues): ShellText | undefined {
  const [node, ...more] = body;
  if (node === undefined || more.length > 0) return undefined;
  const commands = node.kind === "pipeline" ? node.commands : [node];
  const lines = commands.map((each) =>
    each.kind === "command" ? each.words.flatMap((word) => expandFields(word, values)) : [],
  );
  const listed = tagsByJq(node, lines[0] ?? [], values);
  if (listed !== undefined) return listed;
  const [echo = [], filter, ...others] = lines;
  if (echo[0]?.text !== "echo" || others.length > 0) return undefined;
  const text = joinTexts(
    echo.slice(1).filter(({ text }) => text !== "-n"),
    " ",
  );
  if (filter === undefined) return text;
  return text.unknown.length > 0
    ? undefined
    : applyFilter(
        text.text,
        filter.map((each) => each.text),
      );
}

/** Applies `tr A-Z a-z`, `cut -d. -f1`, `cut -c1-7` or `sed s/a/b/` to a text; undefined: another filter. */
function applyFilter(text: string, [program, ...args]: readonly string[]): ShellText | undefined {
  const [first = "", second = ""] = args;
  if (program === "tr" && args.length === 2 && first === "-d" && unescaped(second).length === 1)
    return shellText(text.replaceAll(unescaped(second), ""));
  if (program === "tr" && args.length === 2) {
    const [from, to] = [unescaped(first), unescaped(second)];
    if (upper.has(first) && lower.has(second)) return shellText(text.toLowerCase());
    if (lower.has(first) && upper.has(second)) return shellText(text.toUpperCase());
    const isPlain = from.length === 1 && to.length === 1;
    return isPlain ? shellText(text.replaceAll(from, () => to)) : undefined;
  }
  if (program === "cut") {
    const [, from, to] = /^-c ?(\d+)-(\d+)$/.exec(args.join(" ")) ?? [];
    if (from !== undefined) return shellText(text.slice(Number(from) - 1, Number(to)));
    const [, separator = "", field] = /^-d ?(.) -f ?(\d+)$/.exec(args.join(" ")) ?? [];
    return field === undefined ? undefined : shellText(text.split(separator)[Number(field) - 1] ?? "");
  }
  if (program !== "sed" || args.length > 2 || (args.length === 2 && first !== "-e")) return undefined;
  const [, old = "", now = "", all] =
    /^s([/|#])([\w.:@-]+)\1([\w.:@-]*)\1(g?)$/.exec(args.at(-1) ?? "")?.slice(1) ?? [];
  if (old === "" || old.includes(".")) return undefined;
  return shellText(all === "g" ? text.replaceAll(old, () => now) : text.replace(old, () => now));
}

function unescaped(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
}

/** Reads the `--tag` options that Docker's documentation makes with jq from the JSON output of docker/metadata-action. */
function tagsByJq(node: ShellNode, words: readonly ShellText[], values: ShellValues): ShellText | undefined {
  const [program, ...args] = words.map(({ text }) => text);
  const filter = args.find((each) => !each.startsWith("-"));
  const [, option] = /^\.tags \| map\("(-t|--tag) " \+ \.\) \| join\(" "\)$/.exec(filter ?? "") ?? [];
  const [input] = node.kind === "command" ? node.redirections.filter(({ operator }) => operator === "<<<") : [];
  if (program !== "jq" || option === undefined || input === undefined) return undefined;
  const [variable, ...more] = input.target.parts.filter((part) => part.kind !== "text" || part.text !== "");
  const isMetadata = variable?.kind === "variable" && variable.name === "DOCKER_METADATA_OUTPUT_JSON";
  const tags = isMetadata && more.length === 0 ? values.variables.get("DOCKER_METADATA_OUTPUT_TAGS") : undefined;
  if (tags === undefined) return undefined;
  const lines = cutAtBlanks(tags).filter(({ text }) => text !== "");
  return joinTexts(
    lines.map(({ text, unknown }) => ({ text: `${option} ${text}`, unknown })),
    " ",
  );
}

const upper: ReadonlySet<string> = new Set(["[:upper:]", "A-Z", "[A-Z]"]);
const lower: ReadonlySet<string> = new Set(["[:lower:]", "a-z", "[a-z]"]);
