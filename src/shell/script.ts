/*
 * A shell script as its text says it: POSIX's grammar with what bash adds and workflows use. Source: POSIX, "Shell Command Language".
 */

/** Part of a word. `raw` is its text in the script. */
export type WordPart =
  | { readonly kind: "text"; readonly text: string }
  /** Variable: `$NAME`, `${NAME}`, `$1`, `$@`. `isQuoted`: it is between double quotes, and therefore not split. */
  | { readonly kind: "variable"; readonly name: string; readonly raw: string; readonly isQuoted: boolean }
  /** Expansion with an operation: `${NAME:-x}`, `${NAME#v}`; `operation` is the text after the name. */
  | {
      readonly kind: "expansion";
      readonly name: string;
      readonly operation: string;
      readonly raw: string;
      readonly isQuoted: boolean;
    }
  /** Substitution: `$(…)` or backticks. */
  | {
      readonly kind: "substitution";
      readonly body: readonly ShellNode[];
      readonly raw: string;
      readonly isQuoted: boolean;
    }
  /** Expression of a workflow: `${{ … }}`. GitHub replaces it before the shell reads the script. */
  | { readonly kind: "expression"; readonly inside: string; readonly raw: string }
  /** Arithmetic, `<(…)` and `${!NAME}`, whose value is unknown. */
  | { readonly kind: "other"; readonly raw: string };

/** Word of a command; `start` and `end` are offsets in the script. */
export interface ShellWord {
  readonly parts: readonly WordPart[];
  readonly start: number;
  readonly end: number;
}

/** Assignment: `NAME=value`, or `NAME=(a b)` with the words of an array; `isAdded`: `NAME+=value`. */
export interface Assignment {
  readonly name: string;
  readonly value: ShellWord | readonly ShellWord[];
  readonly isAdded: boolean;
}

/** Redirection: `> file`, `<<< word`, `<<EOF`; `body` is the text of a here-document. */
export interface Redirection {
  readonly operator: string;
  readonly target: ShellWord;
  readonly body: string | undefined;
}

/** Simple command: assignments, words and redirections. */
export interface SimpleCommand {
  readonly kind: "command";
  readonly assignments: readonly Assignment[];
  readonly words: readonly ShellWord[];
  readonly redirections: readonly Redirection[];
  readonly start: number;
  readonly end: number;
}

/** Command, or construct that contains commands. */
export type ShellNode =
  | SimpleCommand
  | { readonly kind: "pipeline"; readonly commands: readonly ShellNode[] }
  /** Chain: `left && right`, `left || right`. */
  | { readonly kind: "and" | "or"; readonly left: ShellNode; readonly right: ShellNode }
  /** Test: `[[ … ]]`, whose single tests are read as commands, or `(( … ))`, which is not read. */
  | { readonly kind: "test"; readonly body: readonly ShellNode[]; readonly start: number; readonly end: number }
  | { readonly kind: "if"; readonly branches: readonly ShellBranch[]; readonly otherwise: readonly ShellNode[] }
  /** Loop over words; undefined words: over `"$@"`, or a loop in C's form. */
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
  /** Construct whose output is written to files: `{ …; } >> file`, `done > file`. */
  | { readonly kind: "redirected"; readonly node: ShellNode; readonly redirections: readonly Redirection[] }
  /** Group: `{ …; }`, or with `isSubshell` `( … )`, whose variables and folder end with it. */
  | { readonly kind: "group"; readonly isSubshell: boolean; readonly body: readonly ShellNode[] };

export interface ShellBranch {
  readonly condition: readonly ShellNode[];
  readonly body: readonly ShellNode[];
}

/** Returns the offsets at which a node's text begins and ends. */
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
    case "redirected":
      return extentOf(node.node);
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
