import { addAllTo } from "../model/lists.ts";
import { splitCsv } from "../formats/csv-fields.ts";
import type { UnknownArgument } from "../model/build-invocation.ts";
import { type BuildFlag, buildFlagForms, isBuildFlag, shortFlags } from "./build-flags.ts";

/** Arguments by flag, in the order in which they were written, and the arguments that are no flags. */
export interface SplitArguments {
  readonly values: ReadonlyMap<BuildFlag, readonly string[]>;
  readonly positional: readonly string[];
  readonly unknown: readonly UnknownArgument[];
}

/** Flag as it was found; undefined `value`: the next argument is its value. */
interface FoundFlag {
  readonly flag: BuildFlag;
  readonly value: string | undefined;
}

/** Splits arguments as pflag does: `--flag=value`, `--flag value`, `-t value`, `-tvalue`, joined switches (`-qt value`), `--`. */
export function splitArguments(argv: readonly string[]): SplitArguments {
  const values = new Map<BuildFlag, string[]>();
  const positional: string[] = [];
  const unknown: UnknownArgument[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const written = argv[at] ?? "";
    if (written === "--") return { values, positional: [...positional, ...argv.slice(at + 1)], unknown };
    if (!written.startsWith("-") || written === "-") {
      positional.push(written);
      continue;
    }
    const found = written.startsWith("--") ? readLong(written) : readShort(written);
    if (found === undefined) unknown.push({ written, because: "Slipway does not know this flag" });
    for (const { flag, value } of found ?? []) {
      const given = value ?? argv[(at += 1)];
      if (given === undefined) unknown.push({ written, because: "its value is missing" });
      else addAllTo(values, flag, eachOf(flag, given));
    }
  }
  return { values, positional, unknown };
}

function readLong(written: string): readonly FoundFlag[] | undefined {
  const equals = written.indexOf("=");
  const name = written.slice(2, equals < 0 ? undefined : equals);
  if (!isBuildFlag(name)) return undefined;
  const value = equals < 0 ? undefined : written.slice(equals + 1);
  return [{ flag: name, value: value ?? (isSwitch(name) ? "true" : undefined) }];
}

function readShort(written: string): readonly FoundFlag[] | undefined {
  const found: FoundFlag[] = [];
  for (let at = 1; at < written.length; at += 1) {
    const flag = shortFlags[written[at] ?? ""];
    if (flag === undefined) return undefined;
    const rest = written.slice(at + 1);
    if (!isSwitch(flag) || rest.startsWith("=")) {
      return [...found, { flag, value: rest === "" ? undefined : rest.replace(/^=/, "") }];
    }
    found.push({ flag, value: "true" });
  }
  return found;
}

function isSwitch(flag: BuildFlag): boolean {
  return buildFlagForms[flag] === "switch";
}

function eachOf(flag: BuildFlag, value: string): readonly string[] {
  return buildFlagForms[flag] === "commas" ? (splitCsv(value) ?? [value]) : [value];
}
