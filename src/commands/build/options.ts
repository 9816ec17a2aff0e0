import { parseCacheSetting } from "../../cache/cache-setting.ts";
import { type CommandFlag, numberFlag, parsedFlag, words, textFlag } from "../flag.ts";
import type { OptionsOf } from "../spec.ts";

/** Makes `--force [service...]`: services that count as changed; true: all. */
export function forceFlag(summary: string): CommandFlag<readonly string[] | true> {
  return { written: "--force [service...]", summary, initial: [] };
}

/** Flags of every command that builds. */
export const buildFlags = {
  force: forceFlag("build these, or all, though nothing changed"),
  parallel: numberFlag("--parallel <n>", "how many builds at once (default: what suits the machine)"),
  cache: parsedFlag("--cache <tiers>", "auto, none, or a list of gha,registry,latest,inline (default: as configured)", {
    takes: "cache tiers",
    parse: parseCacheSetting,
  }),
  builder: textFlag("--builder <name>", "the buildx builder (default: the selected one)"),
};

export const buildWritten = {
  arguments: { services: words("[service...]", "only these and what they need") },
  flags: buildFlags,
};

export type BuildOptions = OptionsOf<typeof buildWritten>;
