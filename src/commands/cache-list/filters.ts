import { choiceFlag, parsedFlag, textFlag } from "../flag.ts";

/** Flags that select entries of the cache. */
export const cacheFilters = {
  service: textFlag("--service <name>", "only of this service"),
  tier: choiceFlag("--tier <tier>", "only this tier", ["gha", "registry"]),
  pullRequest: parsedFlag("--pull-request <number>", "only what this pull request stored", {
    takes: "a number, such as 12",
    parse: parsePullRequest,
  }),
};

function parsePullRequest(text: string): number | undefined {
  const number = Number(text.replace(/^#/, ""));
  return Number.isInteger(number) && number >= 1 ? number : undefined;
}
