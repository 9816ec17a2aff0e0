/** Option of the command line. It sets the field of the same name among a command's options. */
export interface CommandFlag<Value> {
  /** Form in the help: `-y, --yes`, `--limit <n>`, `--only <service...>`, `--no-github-release`. */
  readonly written: string;
  readonly summary: string;
  /** Value if the flag is not given. */
  readonly initial: Value;
  readonly choices?: readonly string[];
  /** Parses a text; undefined: the text is not what `takes` describes. */
  readonly parse?: (text: string) => Value | undefined;
  /** Description of the accepted values, for the message about an invalid one: "a whole number above 0". */
  readonly takes?: string;
}

/** Word of the command line after the command's name. `written`: `<service>`, `[version]`, `[service...]`. */
export interface CommandArgument<Value> {
  readonly written: string;
  readonly summary: string;
  readonly initial: Value;
}

/** Flags or arguments by the name of their field. */
export type CommandFields = Readonly<Record<string, CommandFlag<unknown> | CommandArgument<unknown>>>;

/** Values of flags and arguments. */
export type ValuesOf<Written extends CommandFields> = {
  readonly [Name in keyof Written]: Written[Name] extends { readonly initial: infer Value } ? Value : never;
};

/** Makes a flag that is false unless it is given: `--dry-run`. */
export function toggleFlag(written: string, summary: string): CommandFlag<boolean> {
  return { written, summary, initial: false };
}

/** Makes a flag that is true unless it is given: `--no-github-release`. */
export function refusalFlag(written: string, summary: string): CommandFlag<boolean> {
  return { written, summary, initial: true };
}

/** Makes a flag with a text. */
export function textFlag(written: string, summary: string): CommandFlag<string | undefined> {
  return { written, summary, initial: undefined };
}

/** Makes a flag that takes all words after it. */
export function listFlag(written: string, summary: string): CommandFlag<readonly string[]> {
  return { written, summary, initial: [] };
}

/** Makes a flag whose value is one of some words. */
export function choiceFlag<const Word extends string>(
  written: string,
  summary: string,
  choices: readonly Word[],
): CommandFlag<Word | undefined> {
  return { written, summary, initial: undefined, choices };
}

/** Makes a flag whose text `parse` reads. `takes` completes "It takes …". */
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

/** Makes a flag with a whole number above 0. */
export function numberFlag(written: string, summary: string): CommandFlag<number | undefined>;
export function numberFlag(written: string, summary: string, initial: number): CommandFlag<number>;
export function numberFlag(written: string, summary: string, initial?: number): CommandFlag<number | undefined> {
  return { written, summary, initial, ...count };
}

/** Makes a required argument: `<service>`. */
export function requiredWord(written: string, summary: string): CommandArgument<string> {
  return { written, summary, initial: "" };
}

/** Makes an optional argument: `[version]`. */
export function optionalWord(written: string, summary: string): CommandArgument<string | undefined> {
  return { written, summary, initial: undefined };
}

/** Makes an argument of any number of words: `[service...]`. */
export function words(written: string, summary: string): CommandArgument<readonly string[]> {
  return { written, summary, initial: [] };
}
