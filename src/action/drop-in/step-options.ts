import { parseDuration } from "../../config/project/templates.ts";
import type { DropInOptions } from "../../core/drop-in/request.ts";
import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { didYouMean } from "../../model/closest.ts";
import { parseImageName } from "../../model/reference.ts";
import { basesModes, reuseInputs, reuseModes } from "../../workflow/drop-in-contract.ts";
import { makeStepValues } from "./step-values.ts";

type ReuseInput = keyof typeof reuseInputs;

/** Reads the step's own inputs. Throws `option-invalid` for the first one that is wrong. */
export function readStepOptions(env: Host["env"]): DropInOptions {
  const { text, list } = makeStepValues(env);
  const given = (name: ReuseInput): string => text(name) || reuseInputs[name].fallback;
  const variable = (env["SLIPWAY_REUSE"] ?? "").trim();
  return {
    reuse:
      variable === ""
        ? oneOf(reuseModes, switchWord(given("reuse")), 'the input "reuse"')
        : oneOf(reuseModes, switchWord(variable), "the variable SLIPWAY_REUSE"),
    fingerprints: readFingerprints(given("fingerprints")),
    refresh: readRefresh(given("refresh")),
    bases: oneOf(basesModes, given("bases"), 'the input "bases"'),
    stamp: list("stamp").flatMap((entry) => entry.split(/\s+/)),
    protectTags: oneOf(["true", "false"], given("protect-tags").toLowerCase(), 'the input "protect-tags"') === "true",
  };
}

/** A reader of YAML 1.1 takes `on` and `off` for booleans. */
function switchWord(text: string): string {
  const word = text.toLowerCase();
  return word === "true" ? "on" : word === "false" ? "off" : word;
}

function oneOf<T extends string>(known: readonly T[], text: string, where: string): T {
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  throw new SlipwayError("option-invalid", `${where}: "${text}" is not known${didYouMean(text, known)}`, {
    hint: `one of ${known.join(", ")}`,
  });
}

function readFingerprints(text: string): DropInOptions["fingerprints"] {
  if (text === "same" || text === "off") return text;
  const name = parseImageName(text);
  if (name !== undefined) return name;
  throw new SlipwayError("option-invalid", `the input "fingerprints": "${text}" is no image name`, {
    hint: "same, off, or a name without a tag, such as ghcr.io/acme/fingerprints",
  });
}

function readRefresh(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) return Number.MAX_SAFE_INTEGER;
  if (seconds !== undefined) return seconds * 1000;
  throw new SlipwayError("option-invalid", `the input "refresh": "${text}" is no duration`, {
    hint: `such as 12h or 30d, or never`,
  });
}
