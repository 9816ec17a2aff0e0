import type { Host } from "../host.ts";
import type { Workspace } from "../core/workspace/workspace.ts";
import type { Style } from "../report/style.ts";
import type { CommandFields, ValuesOf } from "./flag.ts";

/** Command line that works as written, and its purpose. */
export interface Example {
  readonly run: string;
  readonly for: string;
}

/**
 * Specification of one command: its help, its reference and the library's options. It is small, because the command's code is loaded only when it
 * runs.
 */
export interface CommandSpec<Options = object, Result = unknown> extends CommandHelp {
  /** Options that are used if none are given. */
  readonly defaults: Options;
  load(): Promise<CommandBody<Options, Result>>;
  /** Returns how the repository is opened for the command. Default: with all its parts. */
  opens?(options: Options): WorkspaceNeeds;
  /** Returns the exit code for a result. Default: 0. */
  exitCode?(result: Result): number;
}

/** Help of a command, from which its command line is also parsed. */
export interface CommandHelp {
  /** Name after that of the program: `plan`, `cache list`. */
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly arguments: CommandFields;
  readonly flags: CommandFields;
  /** Whether it builds or moves tags, and takes `--events`. */
  readonly hasEvents?: boolean;
  /** Text below the options, in lines of 80 columns. */
  readonly explanation?: string;
  readonly examples: readonly Example[];
}

export interface WorkspaceNeeds {
  /** Whether no registry is queried. */
  readonly offline?: boolean;
  /** Files that the command writes. One inside of the repository does not count as a change of the repository. */
  readonly outputs?: readonly string[];
}

/** Conditions under which a result is rendered. */
export interface View<Options> {
  readonly options: Options;
  /** Whether the result of each service has just been shown live. */
  readonly isLive: boolean;
  /** Current time: ISO 8601, UTC. */
  readonly now: string;
}

/** Code of a command. */
export interface CommandBody<Options, Result> {
  run(workspace: Workspace, options: Options): Promise<Result>;
  /** Renders a result for a terminal. Each text of `result` is a single line already. */
  render(result: Result, style: Style, view: View<Options>): string;
  /** Returns the document that `--json` prints. Default: the result itself. */
  document?(result: Result): unknown;
}

/** Command that asks a person before it acts, and needs no workspace. */
export interface DialogueSpec<Options = object> extends CommandHelp {
  readonly defaults: Options;
  loadDialogue(): Promise<{ converse(dialogue: Dialogue, options: Options): Promise<void> }>;
}

/** Command that passes its words on to another program, and needs no workspace. Its own options come before these words. */
export interface PassThroughSpec<Options = object> extends CommandHelp {
  readonly usage: string;
  readonly defaults: Options;
  /** Loads the code; `passThrough` returns the exit code. */
  loadPassThrough(): Promise<{ passThrough(host: Host, argv: readonly string[], options: Options): Promise<number> }>;
}

/** Command of any kind. */
export type AnyCommandSpec = CommandSpec | DialogueSpec | PassThroughSpec;

/** Surroundings of a dialogue, in addition to its command's options. */
export interface Dialogue {
  readonly host: Host;
  readonly print: Print;
  /** Folder of the repository; undefined: the current one. */
  readonly repo: string | undefined;
  /** Whether the output is one JSON document; then no question is asked. */
  readonly json: boolean;
  readonly color: boolean;
  /** Version of this program. */
  readonly version: string;
}

/** Prints a result: `document` if JSON is requested, else `render` of `shown`, whose texts are single lines. */
export type Print = <T>(document: unknown, shown: T, render: (shown: T, style: Style) => string) => void;

/** Options of a command with these arguments and flags. */
export type OptionsOf<Written extends { readonly arguments: CommandFields; readonly flags: CommandFields }> = ValuesOf<
  Written["arguments"]
> &
  ValuesOf<Written["flags"]>;

/** Completes the given options by the defaults; undefined counts as not given. */
export function withDefaults<Options extends object>(
  { defaults }: { readonly defaults: Options },
  given: Partial<Options>,
): Options {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...said };
}

/** Returns the initial values of arguments and flags. */
export function initialValues<Written extends { readonly arguments: CommandFields; readonly flags: CommandFields }>(
  written: Written,
): OptionsOf<Written> {
  const fields = Object.entries({ ...written.arguments, ...written.flags });
  return Object.fromEntries(fields.map(([name, { initial }]) => [name, initial])) as OptionsOf<Written>;
}
