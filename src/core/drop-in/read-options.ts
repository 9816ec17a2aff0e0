import { parseDuration } from "../../config/project/templates.ts";
import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { didYouMean } from "../../model/closest.ts";
import { basesModes, reuseModes } from "../../model/drop-in-modes.ts";
import { parseImageName } from "../../model/reference.ts";
import { defaultDropInOptions, type DropInOptions } from "./request.ts";

/** Options of a drop-in build as the user writes them; empty or absent: not set. */
export type WrittenOptions = Readonly<Partial<Record<DropInOptionName, string>>>;

/** Names of the options, as a step's inputs are named. */
export type DropInOptionName = "reuse" | "fingerprints" | "refresh" | "bases" | "stamp" | "protect-tags";

/** Variable that takes precedence over `reuse`, so that reuse can be switched off without a commit. */
const reuseVariable = "SLIPWAY_REUSE";

/** Reads the options. `nameOf`: where an option was written, for messages. Throws `option-invalid` for the first invalid one. */
export function readDropInOptions(
  written: WrittenOptions,
  env: Host["env"],
  nameOf: (name: DropInOptionName) => string,
): DropInOptions {
  const given = (name: DropInOptionName): string => (written[name] ?? "").trim();
  const variable = (env[reuseVariable] ?? "").trim();
  const defaults = defaultDropInOptions;
  const read = <T>(name: DropInOptionName, fallback: T, parse: (text: string, where: string) => T): T =>
    given(name) === "" ? fallback : parse(given(name), nameOf(name));
  return {
    reuse:
      variable === ""
        ? read("reuse", defaults.reuse, (text, where) => oneOf(reuseModes, switchWord(text), where))
        : oneOf(reuseModes, switchWord(variable), `the variable ${reuseVariable}`),
    fingerprints: read("fingerprints", defaults.fingerprints, parseFingerprints),
    refresh: read("refresh", defaults.refresh, parseRefresh),
    bases: read("bases", defaults.bases, (text, where) => oneOf(basesModes, text, where)),
    stamp: given("stamp")
      .split(/[\s,]+/)
      .filter((word) => word !== ""),
    protectTags: read("protect-tags", defaults.protectTags, parseSwitch),
  };
}

/** Translates booleans, because a YAML 1.1 parser turns `on` and `off` into them. */
function switchWord(text: string): string {
  const word = text.toLowerCase();
  return word === "true" ? "on" : word === "false" ? "off" : word;
}

function parseSwitch(text: string, where: string): boolean {
  return oneOf(["true", "false"], text.toLowerCase(), where) === "true";
}

function oneOf<T extends string>(known: readonly T[], text: string, where: string): T {
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  throw new SlipwayError("option-invalid", `${where}: "${text}" is not known${didYouMean(text, known)}`, {
    hint: `one of ${known.join(", ")}`,
  });
}

function parseFingerprints(text: string, where: string): DropInOptions["fingerprints"] {
  if (text === "same" || text === "off") return text;
  const name = parseImageName(text);
  if (name !== undefined) return name;
  throw new SlipwayError("option-invalid", `${where}: "${text}" is no image name`, {
    hint: "same, off, or a name without a tag, such as ghcr.io/acme/fingerprints",
  });
}

function parseRefresh(text: string, where: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) return Number.MAX_SAFE_INTEGER;
  if (seconds !== undefined) return seconds * 1000;
  throw new SlipwayError("option-invalid", `${where}: "${text}" is no duration`, {
    hint: "such as 12h or 30d, or never",
  });
}
