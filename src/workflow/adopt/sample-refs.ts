import { asMap, type YamlMap, yamlTexts } from "../../formats/yaml-data.ts";
import { passesFilters } from "../events/filter-pattern.ts";
import type { EventFacts } from "../events/publish-event.ts";

/** Derives example refs from a workflow's own filters: the tag `release-1.2.3` passes `release-*`. `on`: its triggers. */
export function sampleRefs(on: YamlMap, facts: EventFacts): EventFacts {
  const push = asMap(on["push"]);
  const [tags, branches] = [yamlTexts(push["tags"]), yamlTexts(push["branches"])];
  const usual = facts.versionTag ?? "v1.2.3";
  const versionTag = exampleOf(tags, usual, [usual.replace(/^v/, ""), "1.2"]);
  const prereleaseTag = exampleOf(tags, "v1.3.0-rc.1", ["1.3.0-rc.1"]);
  const branch = exampleOf(
    branches.filter((filter) => filter !== facts.trunk),
    "dev",
    ["next", "1.2.3", "1.2"],
  );
  return { ...facts, versionTag, prereleaseTag, branch };
}

/**
 * Returns the usual ref if it passes the filters, else an example of one filter: its first wildcard or set, and all after it, are replaced by an
 * ending.
 */
function exampleOf(filters: readonly string[], usual: string, endings: readonly string[]): string {
  if (filters.length === 0 || passesFilters(filters, usual)) return usual;
  const starts = filters
    .filter((filter) => !filter.startsWith("!"))
    .map((filter) => ({ start: filter.replace(/[*?[+].*$/s, ""), isOpen: /[*?[+]/.test(filter) }));
  const candidates = starts.flatMap(({ start, isOpen }) => (isOpen ? endings.map((each) => start + each) : [start]));
  return candidates.find((each) => passesFilters(filters, each)) ?? usual;
}
