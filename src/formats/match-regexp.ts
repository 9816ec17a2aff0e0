import { parseRegExp, type RegExpNode } from "./regexp-tree.ts";

/** Whole match and its captures. */
export type Captures = readonly (string | undefined)[];

/** Result of matching; `unknown`: the pattern is not supported, or takes too many steps. */
export type RegExpMatch =
  | { readonly kind: "match"; readonly captures: Captures }
  | { readonly kind: "none" }
  | { readonly kind: "unknown" }
  | { readonly kind: "invalid" };

/** Limit of steps, because a workflow's pattern may take exponential time. */
const mostSteps = 20_000;
/** Limit of the text's length, because each character may add a nested call. Tags are shorter. */
const mostCharacters = 500;

/** Finds the first match of a workflow's pattern, as JavaScript does, in a limited number of steps. */
export function matchRegExp(pattern: string, flags: string, text: string): RegExpMatch {
  const tree = /^i?$/.test(flags) && text.length <= mostCharacters ? parseRegExp(pattern, flags === "i") : "not read";
  if (tree === "not read") return { kind: "unknown" };
  if (tree === "invalid") return { kind: "invalid" };
  const run: Run = { text, steps: 0, captures: [] };
  for (let start = 0; start <= text.length; start += 1) {
    run.captures = [];
    const end = step(tree, start, run, (at) => at);
    if (run.steps > mostSteps) return { kind: "unknown" };
    if (end === undefined) continue;
    return { kind: "match", captures: [text.slice(start, end), ...run.captures.slice(1)] };
  }
  return { kind: "none" };
}

interface Run {
  readonly text: string;
  steps: number;
  captures: (string | undefined)[];
}

type Next = (at: number) => number | undefined;

/** Returns the end of a match that begins at `at` and continues with `next`; undefined: there is none, or it takes too many steps. */
function step(node: RegExpNode, at: number, run: Run, next: Next): number | undefined {
  run.steps += 1;
  if (run.steps > mostSteps) return undefined;
  switch (node.kind) {
    case "character":
      return at < run.text.length && node.accepts(run.text.charAt(at)) ? next(at + 1) : undefined;
    case "start":
      return at === 0 ? next(at) : undefined;
    case "end":
      return at === run.text.length ? next(at) : undefined;
    case "boundary":
      return isBoundary(run.text, at) === node.isNegated ? undefined : next(at);
    case "sequence":
      return inTurn(node.of, at, run, next);
    case "choice":
      return firstOf(node.of, (each) => step(each, at, run, next));
    case "group":
      return group(node, at, run, next);
    case "repeat":
      return repeat(node, at, run, { next, done: 0 });
  }
}

function isBoundary(text: string, at: number): boolean {
  const isWord = (index: number): boolean => /\w/.test(text.charAt(index));
  return isWord(at - 1) !== isWord(at);
}

function inTurn(nodes: readonly RegExpNode[], at: number, run: Run, next: Next): number | undefined {
  const [first, ...rest] = nodes;
  return first === undefined ? next(at) : step(first, at, run, (place) => inTurn(rest, place, run, next));
}

function group(node: RegExpNode & { kind: "group" }, at: number, run: Run, next: Next): number | undefined {
  const { index } = node;
  if (index === undefined) return step(node.of, at, run, next);
  return step(node.of, at, run, (end) => {
    const before = run.captures[index];
    run.captures[index] = run.text.slice(at, end);
    const found = next(end);
    if (found === undefined) run.captures[index] = before;
    return found;
  });
}

interface Turn {
  readonly next: Next;
  readonly done: number;
}

function repeat(node: RegExpNode & { kind: "repeat" }, at: number, run: Run, turn: Turn): number | undefined {
  const { least, most, isLazy, of, captures } = node;
  const { next, done } = turn;
  const more = (): number | undefined => {
    if (done >= most) return undefined;
    const before = run.captures;
    // Each iteration forgets the captures of the one before.
    run.captures = before.map((text, index) => (captures.includes(index) ? undefined : text));
    const found = step(of, at, run, (place) =>
      // An iteration that matches no character would repeat for ever.
      place === at && done >= least ? undefined : repeat(node, place, run, { next, done: done + 1 }),
    );
    if (found === undefined) run.captures = before;
    return found;
  };
  if (done < least) return more();
  return isLazy ? (next(at) ?? more()) : (more() ?? next(at));
}

function firstOf<T>(values: readonly T[], find: (value: T) => number | undefined): number | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
