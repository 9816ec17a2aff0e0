import { parse } from "csv-parse/sync";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";

/** Rules by which docker's actions split a list input. Source: docker/actions-toolkit, src/util.ts, `getList`. */
export interface ListFormat {
  /** Whether entries are separated by lines only, and may contain commas. */
  readonly byLines?: boolean;
  /** Whether quotes are ordinary characters, and do not hold an entry together. */
  readonly keepsQuotes?: boolean;
  /** Whether white space around an entry is part of it. */
  readonly keepsSpace?: boolean;
}

/** Inputs of a step, read by the rules of docker's actions. */
export interface StepValues {
  readonly text: (name: string) => string;
  /** Reads a boolean. Throws `option-invalid` unless it is a boolean of YAML. */
  readonly flag: (name: string) => boolean;
  /** Reads a list. Throws `option-invalid` for a quote without its end. */
  readonly list: (name: string, format?: ListFormat) => readonly string[];
}

/** Reads the inputs that GitHub passes in the environment. */
export function makeStepValues(env: Host["env"]): StepValues {
  const raw = (name: string): string => env[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] ?? "";
  const text = (name: string): string => raw(name).trim();
  return {
    text,
    flag: (name) => {
      const value = text(name);
      if (/^(?:true|True|TRUE)$/.test(value)) return true;
      if (/^(?:false|False|FALSE)$/.test(value)) return false;
      throw new SlipwayError("option-invalid", [
        `Input does not meet YAML 1.2 "Core Schema" specification: ${name}`,
        "Support boolean input list: `true | True | TRUE | false | False | FALSE`",
      ]);
    },
    list: (name, format = {}) => {
      try {
        return parseList(format.keepsSpace === true ? raw(name) : text(name), format);
      } catch (error) {
        throw new SlipwayError("option-invalid", errorMessage(error), {
          hint: `it is in the input "${name}"`,
          cause: error,
        });
      }
    },
  };
}

function parseList(text: string, { byLines = false, keepsQuotes = false, keepsSpace = false }: ListFormat): string[] {
  if (text === "") return [];
  const options = { relaxQuotes: true, relaxColumnCount: true, skipEmptyLines: true } as const;
  const records: string[][] = parse(text, { ...options, ...(keepsQuotes ? { quote: false } : {}) });
  // A quoted field may contain commas; a field that is alone on its line is split even if it is quoted.
  const entries = records.flatMap((record) =>
    byLines ? [record.join(",")] : record.length === 1 ? (record[0] ?? "").split(",") : record,
  );
  return entries.filter((entry) => entry !== "").map((entry) => (keepsSpace ? entry : entry.trim()));
}
