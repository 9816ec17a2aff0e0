import { StepLimitError, Steps } from "../../src/model/steps.ts";
import { SlipwayError } from "../../src/errors.ts";
import { makeIgnoreMatcher, parseIgnoreFile } from "../../src/dockerfile/matching/ignore.ts";
import { compileGoMatch } from "../../src/dockerfile/matching/go-match.ts";
import { replaceMatching, trimMatching } from "../../src/dockerfile/matching/shell-pattern.ts";
import type { Random } from "../property/random.ts";

/** A question to Go, as `main.go` reads it. */
export type Question =
  | { readonly ignore: string; readonly paths: readonly string[] }
  | { readonly match: string; readonly paths: readonly string[] }
  | {
      readonly prefix: string;
      readonly shell: string;
      readonly operator: "#" | "##";
      readonly paths: readonly string[];
    }
  | { readonly replace: string; readonly shell: string; readonly with: string; readonly paths: readonly string[] };

export interface Answer {
  readonly refused?: string;
  readonly kept?: readonly number[];
  readonly texts?: readonly string[];
}

const segments = [
  "a",
  "b",
  "ab",
  "aab",
  "a.b",
  "é",
  "x y",
  "foo",
  "(a)",
  "a+b",
  "a|b",
  "a{2}",
  "$",
  "^a",
  "!n",
  "#h",
  "[a]",
  "a-",
  "1",
  "_",
  "\\",
  "€x",
  "b|c",
  "aa",
  ".env",
];
const plainTokens = ["a", "b", "foo", "/", "/", "/", ".", "é", "x y", "-", "1", "_"];
const wildTokens = ["*", "*", "**", "**/", "?", "/*", "/**"];
const oddTokens = [
  "[a-b]",
  "[^a]",
  "[",
  "]",
  "\\*",
  "\\",
  "..",
  "(",
  ")",
  "+",
  "|",
  "{2}",
  "{0,1}",
  "{1,}",
  "{",
  "}",
  "^",
  "$",
  "!",
  "#",
  "€",
  "[é-€]",
  "[[:alpha:]]",
  "[[:^digit:]]",
  "[[:no:]]",
  "[]a]",
  "[x-]",
  "[-x]",
  "[b-a]",
  "[a\\]]",
  "\\d",
  "\\pL",
  "\\p{Greek}",
  "\\PN",
  "\\x61",
  "\\Q",
  "\\E",
  "\\b",
  "\\z",
  "\\1",
  "\\012",
  "\\é",
  "[\\d]",
  "[^\\w]",
  "[a-",
  "\uFEFF",
  " ",
  "\t",
  "\r",
  "{1001}",
  "{2,1}",
  "\\A",
];

function pattern(random: Random): string {
  const isOdd = random.chance(0.6);
  const count = 1 + random.between(0, 4);
  let text = random.chance(0.35) ? "!" : random.chance(0.1) ? "/" : "";
  for (let index = 0; index < count; index++) {
    const kind = random.between(0, 9);
    text += random.pick(kind < 5 ? plainTokens : kind < 8 || !isOdd ? wildTokens : oddTokens);
  }
  return text;
}

function somePaths(random: Random): string[] {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (let index = 0; index < 14; index++) {
    const parts = Array.from({ length: 1 + random.between(0, 3) }, () => random.pick(segments));
    const path = parts.join("/");
    const above = parts.map((_, length) => parts.slice(0, length).join("/")).slice(1);
    if (folders.has(path) || above.some((folder) => files.has(folder))) continue;
    files.add(path);
    for (const folder of above) folders.add(folder);
  }
  return [...files].sort();
}

export function someQuestion(random: Random): Question {
  const kind = random.between(0, 9);
  const paths = somePaths(random);
  if (kind < 6)
    return { ignore: Array.from({ length: 1 + random.between(0, 3) }, () => pattern(random)).join("\n"), paths };
  if (kind < 8) return { match: pattern(random), paths: [...paths, ".", ""] };
  const shell = Array.from({ length: 1 + random.between(0, 4) }, () =>
    random.pick(["a", "b", "*", "?", "/", "é", "foo", ".", "|", "\\*", "\\\\"]),
  ).join("");
  const isGreedy = random.chance(0.5);
  const texts = [...paths, "", "aaab", "a/b/a/b"];
  if (kind === 8) return { prefix: `^${toGo(shell, isGreedy)}`, shell, operator: isGreedy ? "##" : "#", paths: texts };
  return {
    replace: toGo(shell, true),
    shell,
    with: random.pick(["-", "", "$0$0", "<${0}>", "$$", "$1x", "$é", "$", "a"]),
    paths: texts,
  };
}

function toGo(shell: string, isGreedy: boolean): string {
  return shell.replace(/\\.|[*?.|]/g, (token) =>
    token === "*" ? (isGreedy ? ".*" : ".*?") : token === "?" ? "." : token.startsWith("\\") ? token : `\\${token}`,
  );
}

/** This program's answer. */
export function ownAnswer(question: Question): Answer {
  const steps = new Steps(10_000_000);
  if ("ignore" in question) {
    try {
      const isExcluded = makeIgnoreMatcher(parseIgnoreFile(question.ignore), steps);
      return kept(question.paths, (path) => !isExcluded(path));
    } catch (error) {
      if (error instanceof SlipwayError || error instanceof StepLimitError) return { refused: "refused" };
      throw error;
    }
  }
  if ("match" in question) {
    const matches = compileGoMatch(question.match);
    return matches === undefined ? { refused: "refused" } : kept(question.paths, (path) => matches(path, steps));
  }
  if ("prefix" in question) {
    const word = question.operator === "##" ? `#${question.shell}` : question.shell;
    return { texts: question.paths.map((text) => trimMatching(text, word, "#", steps)) };
  }
  const { shell, with: replacement } = question;
  return {
    texts: question.paths.map((text) => replaceMatching(text, { pattern: shell, replacement, isForAll: true }, steps)),
  };
}

function kept(paths: readonly string[], isKept: (path: string) => boolean): Answer {
  return { kept: paths.flatMap((path, index) => (isKept(path) ? [index] : [])) };
}

/** An answer without the reason of a refusal, which only Go gives. */
export function comparable(answer: Answer): Answer {
  if (answer.refused !== undefined) return { refused: "refused" };
  return answer.texts === undefined ? { kept: answer.kept ?? [] } : { texts: answer.texts };
}
