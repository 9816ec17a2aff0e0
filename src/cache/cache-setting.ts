import { SlipwayError } from "../errors.ts";
import type { CacheSetting, CacheTierName } from "../model/service.ts";

const tiers: readonly CacheTierName[] = ["gha", "registry", "latest", "inline"];

/** Parses `auto`, `none`, or tiers with commas between. Throws `usage`. */
export function parseCacheSetting(text: string): CacheSetting {
  if (text === "auto") return "auto";
  if (text === "none") return [];
  return text.split(",").map((word) => {
    const tier = tiers.find((each) => each === word.trim());
    if (tier !== undefined) return tier;
    throw new SlipwayError("option-invalid", `--cache "${text}": "${word}" is no cache tier`, {
      hint: `auto, none, or some of ${tiers.join(",")}`,
    });
  });
}
