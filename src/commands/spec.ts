import type { Host } from "../host.ts";
import type { Workspace } from "../core/workspace/workspace.ts";
import type { Style } from "../report/style.ts";
import type { CommandFields, ValuesOf } from "./flag.ts";

/** A command line that works as it stands, and what it is for. */
export interface Example {
  readonly run: string;
  readonly for: string;
}

/**
 * One command: all that its help, the reference and the library's options say of it. A spec is light; what the command does is
 * loaded when it runs.
 */
export interface CommandSpec<Options = object, Result = unknown> extends CommandHelp {
  /** The options where nobody gives any. */
  readonly defaults: Options;
  load(): Promise<CommandBody<Options, Result>>;
  /** How the repository is opened for it. Default: with everything. */
  opens?(options: Options): WorkspaceNeeds;
  /** For a command that ended with a result. Default: 0. */
  exitCode?(result: Result): number;
}

/** What the help of a command shows, and what its line is read by. */
export interface CommandHelp {
  /** As it is written after the program's name: `plan`, `cache list`. */
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly arguments: CommandFields;
  readonly flags: CommandFields;
  /** It builds or moves tags, and takes `--events`. */
  readonly hasEvents?: boolean;
  /** Below the options, lines of 80 columns. */
  readonly explanation?: string;
  readonly examples: readonly Example[];
}

export interface WorkspaceNeeds {
  /** No registry is asked. */
  readonly offline?: boolean;
  /** Files that the command writes: one that lies in the repository is no change of it. */
  readonly outputs?: readonly string[];
}

/** How a result is shown. */
export interface View<Options> {
  readonly options: Options;
  /** The result of each service has just been shown live. */
  readonly isLive: boolean;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** What a command does. */
export interface CommandBody<Options, Result> {
  run(workspace: Workspace, options: Options): Promise<Result>;
  /** For a terminal; every text of `result` is one line by then. */
  render(result: Result, style: Style, view: View<Options>): string;
  /** What `--json` prints. Default: the result itself. */
  document?(result: Result): unknown;
}

/** A command that asks a person before it acts, and needs no workspace. */
export interface DialogueSpec<Options = object> extends CommandHelp {
  readonly defaults: Options;
  loadDialogue(): Promise<{ converse(dialogue: Dialogue, options: Options): Promise<void> }>;
}

/** A command that hands its words on to another program, and needs no workspace: its own options come first. */
export interface PassThroughSpec<Options = object> extends CommandHelp {
  readonly usage: string;
  readonly defaults: Options;
  /** Gives the exit code. */
  loadPassThrough(): Promise<{ passThrough(host: Host, argv: readonly string[], options: Options): Promise<number> }>;
}

/** Every sort of command. */
export type AnyCommandSpec = CommandSpec | DialogueSpec | PassThroughSpec;

/** What a dialogue has beside its command's options. */
export interface Dialogue {
  readonly host: Host;
  readonly print: Print;
  /** A folder of the repository; undefined: the current one. */
  readonly repo: string | undefined;
  /** One JSON document is wanted: nobody is asked. */
  readonly json: boolean;
  readonly color: boolean;
  /** Of this program. */
  readonly version: string;
}

/** Prints a result: the JSON document where asked for, else what `render` makes of `shown`, whose texts are one line each. */
export type Print = <T>(document: unknown, shown: T, render: (shown: T, style: Style) => string) => void;

/** The options of a command with these arguments and flags. */
export type OptionsOf<Written extends { readonly arguments: CommandFields; readonly flags: CommandFields }> = ValuesOf<
  Written["arguments"]
> &
  ValuesOf<Written["flags"]>;

/** What was given, and the initial values of what was not; undefined counts as not given. */
export function withDefaults<Options extends object>(
  { defaults }: { readonly defaults: Options },
  given: Partial<Options>,
): Options {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...said };
}

/** The initial values of arguments and flags. */
export function initialValues<Written extends { readonly arguments: CommandFields; readonly flags: CommandFields }>(
  written: Written,
): OptionsOf<Written> {
  const fields = Object.entries({ ...written.arguments, ...written.flags });
  return Object.fromEntries(fields.map(([name, { initial }]) => [name, initial])) as OptionsOf<Written>;
}
