/** An option of the command line, and the field of the same name among a command's options. */
export interface CommandFlag<Value> {
  /** As the help shows it: `-y, --yes`, `--limit <n>`, `--only <service...>`, `--no-github-release`. */
  readonly written: string;
  readonly summary: string;
  /** The value where nobody gives one. */
  readonly initial: Value;
  readonly choices?: readonly string[];
  /** Reads what was written; undefined where it is not what `takes` says. */
  readonly parse?: (text: string) => Value | undefined;
  /** What the flag accepts, for the message about a value that it does not: "a whole number above 0". */
  readonly takes?: string;
}

/** A word of the command line that follows the command's name. `written`: `<service>`, `[version]`, `[service...]`. */
export interface CommandArgument<Value> {
  readonly written: string;
  readonly summary: string;
  readonly initial: Value;
}

/** Flags or arguments by the name of their field. */
export type CommandFields = Readonly<Record<string, CommandFlag<unknown> | CommandArgument<unknown>>>;

/** The values of flags and arguments. */
export type ValuesOf<Written extends CommandFields> = {
  readonly [Name in keyof Written]: Written[Name] extends { readonly initial: infer Value } ? Value : never;
};

/** `--dry-run`: false where it is not given. */
export function toggleFlag(written: string, summary: string): CommandFlag<boolean> {
  return { written, summary, initial: false };
}

/** `--no-github-release`: true where it is not given. */
export function refusalFlag(written: string, summary: string): CommandFlag<boolean> {
  return { written, summary, initial: true };
}

/** A flag with a text. */
export function textFlag(written: string, summary: string): CommandFlag<string | undefined> {
  return { written, summary, initial: undefined };
}

/** A flag that takes all words that follow it. */
export function listFlag(written: string, summary: string): CommandFlag<readonly string[]> {
  return { written, summary, initial: [] };
}

/** A flag with one of a few words. */
export function choiceFlag<const Word extends string>(
  written: string,
  summary: string,
  choices: readonly Word[],
): CommandFlag<Word | undefined> {
  return { written, summary, initial: undefined, choices };
}

/** A flag whose text `parse` reads. `takes` completes "It takes …". */
export function parsedFlag<Value>(
  written: string,
  summary: string,
  { takes, parse }: { readonly takes: string; readonly parse: (text: string) => Value | undefined },
): CommandFlag<Value | undefined> {
  return { written, summary, initial: undefined, takes, parse };
}

const count = {
  takes: "a whole number above 0",
  parse: (text: string): number | undefined => {
    const number = Number(text);
    return Number.isInteger(number) && number >= 1 ? number : undefined;
  },
};

/** A flag with a whole number above 0. */
export function numberFlag(written: string, summary: string): CommandFlag<number | undefined>;
export function numberFlag(written: string, summary: string, initial: number): CommandFlag<number>;
export function numberFlag(written: string, summary: string, initial?: number): CommandFlag<number | undefined> {
  return { written, summary, initial, ...count };
}

/** `<service>`: a word that has to be there. */
export function requiredWord(written: string, summary: string): CommandArgument<string> {
  return { written, summary, initial: "" };
}

/** `[version]`: a word that may be there. */
export function optionalWord(written: string, summary: string): CommandArgument<string | undefined> {
  return { written, summary, initial: undefined };
}

/** `[service...]`: any number of words. */
export function words(written: string, summary: string): CommandArgument<readonly string[]> {
  return { written, summary, initial: [] };
}
