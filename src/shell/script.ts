/*
 * A shell script as its text says it: POSIX's grammar with what bash adds and workflows use. Source: POSIX, "Shell Command Language".
 */

/** A part of a word. `raw` is the part as it stands in the script. */
export type WordPart =
  | { readonly kind: "text"; readonly text: string }
  /** `$NAME`, `${NAME}`, `$1`, `$@`. `isQuoted`: between double quotes, so it stays one word. */
  | { readonly kind: "variable"; readonly name: string; readonly raw: string; readonly isQuoted: boolean }
  /** `${NAME:-x}`, `${NAME#v}`; `operation` is what follows the name. */
  | {
      readonly kind: "expansion";
      readonly name: string;
      readonly operation: string;
      readonly raw: string;
      readonly isQuoted: boolean;
    }
  /** `$(…)` and backticks. */
  | {
      readonly kind: "substitution";
      readonly body: readonly ShellNode[];
      readonly raw: string;
      readonly isQuoted: boolean;
    }
  /** `${{ … }}` of a workflow: GitHub fills it in before the shell reads the script. */
  | { readonly kind: "expression"; readonly inside: string; readonly raw: string }
  /** Arithmetic, `<(…)`, `${!NAME}`. */
  | { readonly kind: "other"; readonly raw: string };

/** One word of a command; `start` and `end` are offsets in the script. */
export interface ShellWord {
  readonly parts: readonly WordPart[];
  readonly start: number;
  readonly end: number;
}

/** `NAME=value`, or `NAME=(a b)` with the words of an array; `isAdded`: `NAME+=value`. */
export interface Assignment {
  readonly name: string;
  readonly value: ShellWord | readonly ShellWord[];
  readonly isAdded: boolean;
}

/** `> file`, `<<< word`, `<<EOF`; `body` is a here-document's text. */
export interface Redirection {
  readonly operator: string;
  readonly target: ShellWord;
  readonly body: string | undefined;
}

/** A command line: assignments, words and redirections. */
export interface SimpleCommand {
  readonly kind: "command";
  readonly assignments: readonly Assignment[];
  readonly words: readonly ShellWord[];
  readonly redirections: readonly Redirection[];
  readonly start: number;
  readonly end: number;
}

/** A command, or a construct with commands in it. */
export type ShellNode =
  | SimpleCommand
  | { readonly kind: "pipeline"; readonly commands: readonly ShellNode[] }
  /** `left && right`, `left || right`. */
  | { readonly kind: "and" | "or"; readonly left: ShellNode; readonly right: ShellNode }
  /** `[[ … ]]` with its tests as commands of the words between; `(( … ))` without. */
  | { readonly kind: "test"; readonly body: readonly ShellNode[]; readonly start: number; readonly end: number }
  | { readonly kind: "if"; readonly branches: readonly ShellBranch[]; readonly otherwise: readonly ShellNode[] }
  /** Undefined words: `"$@"`, or C's form of the loop. */
  | {
      readonly kind: "for";
      readonly name: string;
      readonly words: readonly ShellWord[] | undefined;
      readonly body: readonly ShellNode[];
    }
  | { readonly kind: "while"; readonly condition: readonly ShellNode[]; readonly body: readonly ShellNode[] }
  | {
      readonly kind: "case";
      readonly word: ShellWord;
      readonly branches: readonly { readonly patterns: readonly ShellWord[]; readonly body: readonly ShellNode[] }[];
    }
  | { readonly kind: "function"; readonly name: string; readonly body: readonly ShellNode[] }
  /** `{ …; }`; `isSubshell`: `( … )`, whose variables and folder end with it. */
  | { readonly kind: "group"; readonly isSubshell: boolean; readonly body: readonly ShellNode[] };

export interface ShellBranch {
  readonly condition: readonly ShellNode[];
  readonly body: readonly ShellNode[];
}

/** Where the text of a node begins and ends. */
export function extentOf(node: ShellNode): { readonly start: number; readonly end: number } {
  switch (node.kind) {
    case "command":
    case "test":
      return node;
    case "and":
    case "or":
      return { start: extentOf(node.left).start, end: extentOf(node.right).end };
    case "pipeline":
      return span(node.commands);
    case "if":
      return span([...node.branches.flatMap(({ condition, body }) => [...condition, ...body]), ...node.otherwise]);
    case "while":
      return span([...node.condition, ...node.body]);
    case "case":
      return { start: node.word.start, end: span(node.branches.flatMap(({ body }) => body)).end };
    case "for":
    case "function":
    case "group":
      return span(node.body);
  }
}

function span(nodes: readonly ShellNode[]): { start: number; end: number } {
  const [first, last] = [nodes[0], nodes.at(-1)];
  return {
    start: first === undefined ? 0 : extentOf(first).start,
    end: last === undefined ? 0 : extentOf(last).end,
  };
}
