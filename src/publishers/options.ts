import { addTo } from "../model/lists.ts";
import type { ShellText } from "../shell/expand-word.ts";

/** Words of a command line, split into options and others. */
export interface CommandOptions {
  /** Values by the option's name without dashes. A switch without `=value` has an empty text. */
  readonly options: ReadonlyMap<string, readonly ShellText[]>;
  /** Words that are no options, in order. */
  readonly words: readonly ShellText[];
}

const empty: ShellText = { text: "", unknown: [] };

/**
 * Splits options from other words. `switches`: options that take no value unless it is joined by `=`. `stops`: options end at the first other word.
 */
export function splitOptions(
  all: readonly ShellText[],
  { switches, stops = false }: { readonly switches: ReadonlySet<string>; readonly stops?: boolean },
): CommandOptions {
  const options = new Map<string, ShellText[]>();
  const words: ShellText[] = [];
  const add = (name: string, value: ShellText): void => addTo(options, name, value);
  for (let index = 0; index < all.length; index += 1) {
    const word = all[index] ?? empty;
    const [, dashes = "", name = "", joined] = /^(--?)([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(word.text) ?? [];
    if (word.text === "--") return { options, words: [...words, ...all.slice(index + 1)] };
    if (name === "") {
      words.push(word);
      if (stops) return { options, words: [...words, ...all.slice(index + 1)] };
    } else if (joined !== undefined) add(name, { text: joined, unknown: word.unknown });
    else if (switches.has(name)) add(name, empty);
    else {
      const { letters, value } = dashes === "-" ? splitLetters(name, switches) : { letters: [], value: name };
      for (const letter of letters) add(letter, empty);
      const isJoined = dashes === "-" && value.length > 1;
      if (value === "") continue;
      if (isJoined) add(value.charAt(0), { text: value.slice(1), unknown: word.unknown });
      else {
        index += 1;
        add(value, all[index] ?? empty);
      }
    }
  }
  return { options, words };
}

/** Splits joined letters: in `-qtacme/api`, the switch `q` and the option `t` with the value `acme/api`. */
function splitLetters(name: string, switches: ReadonlySet<string>): { letters: string[]; value: string } {
  const all = name.split("");
  const end = all.findIndex((letter) => !switches.has(letter));
  return end < 0 ? { letters: all, value: "" } : { letters: all.slice(0, end), value: all.slice(end).join("") };
}

/** Returns the values of all these options, which mean the same: `-t` and `--tag`. */
export function valuesOf({ options }: CommandOptions, ...names: readonly string[]): readonly ShellText[] {
  return names.flatMap((name) => options.get(name) ?? []);
}
