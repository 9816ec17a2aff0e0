import { memberOf } from "../../expressions/evaluate.ts";
import { knownText, makeValue, unknown, type Unknown } from "../../expressions/evaluated.ts";
import { asMap, type YamlMap, yamlTexts } from "../../formats/yaml-data.ts";
import { passesFilters } from "./filter-pattern.ts";
import type { PublishEvent } from "./publish-event.ts";

/**
 * Activities that start a workflow whose event names no `types`. Events that are not listed start it by every activity. Source: GitHub's "Events that
 * trigger workflows".
 */
const defaultTypes: Readonly<Record<string, readonly string[]>> = {
  pull_request: ["opened", "synchronize", "reopened"],
  pull_request_target: ["opened", "synchronize", "reopened"],
};

/** Whether an event starts a workflow, and by which activity. */
export interface Start {
  readonly starts: boolean | Unknown;
  /** Value of `github.event.action`. */
  readonly activity: string | undefined;
}

/** Decides whether an event starts a workflow; `on` is a map of events. Path filters leave it undecided, because the changed files are unknown. */
export function startOf(on: YamlMap, event: PublishEvent): Start {
  // Such an event is made for one trigger of the workflow.
  if (event.name === "other") return { starts: true, activity: event.activities[0] };
  if (!(event.event in on)) return { starts: false, activity: undefined };
  const filters = asMap(on[event.event]);
  const types = filters["types"] === undefined ? defaultTypes[event.event] : yamlTexts(filters["types"]);
  const activity = event.activities.find((each) => types?.includes(each) ?? true);
  if (event.activities.length > 0 && activity === undefined) return { starts: false, activity };
  const ref = contextText(event, "ref");
  switch (event.event) {
    case "push":
      return { starts: passesRef(filters, ref) && passesPaths(filters, ref.startsWith("refs/tags/")), activity };
    case "pull_request":
    case "pull_request_target": {
      const isTaken = passesNames(filters, "branches", contextText(event, "base_ref"));
      return { starts: isTaken && passesPaths(filters, false), activity };
    }
    default:
      return { starts: true, activity };
  }
}

function contextText(event: PublishEvent, name: string): string {
  return knownText(memberOf(event.github, makeValue(name))) ?? "";
}

/** Whether the filters accept a ref. If there are filters for branches only, tags are not accepted, and the other way round. */
function passesRef(filters: YamlMap, ref: string): boolean {
  const isTag = ref.startsWith("refs/tags/");
  const [own, other] = isTag ? (["tags", "branches"] as const) : (["branches", "tags"] as const);
  const isFiltered = (name: string): boolean => name in filters || `${name}-ignore` in filters;
  if (!isFiltered(own)) return !isFiltered(other);
  return passesNames(filters, own, ref.replace(/^refs\/(?:heads|tags)\//, ""));
}

function passesNames(filters: YamlMap, name: "branches" | "tags", text: string): boolean {
  if (name in filters && !passesFilters(yamlTexts(filters[name]), text)) return false;
  return !(`${name}-ignore` in filters && passesFilters(yamlTexts(filters[`${name}-ignore`]), text));
}

/** Whether the path filters accept a push. GitHub does not apply them to tags. */
function passesPaths(filters: YamlMap, isTag: boolean): boolean | Unknown {
  const paths = yamlTexts(filters["paths"]);
  const ignored = yamlTexts(filters["paths-ignore"]);
  if (isTag || (paths.length === 0 && ignored.length === 0)) return true;
  if (paths.includes("**") && !paths.some((each) => each.startsWith("!")) && ignored.length === 0) return true;
  return unknown("which files are changed", { isBoolean: true });
}

/** Returns the triggers of a workflow that no event of the table sends: `issue_comment`, or `pull_request` if it is limited to `closed`. */
export function otherTriggers(on: YamlMap, events: readonly PublishEvent[]): string[] {
  const known = new Set(events.map(({ event }) => event));
  return Object.keys(on).flatMap((name) => {
    if (!known.has(name)) return [name];
    const types = yamlTexts(asMap(on[name])["types"]);
    const sent = new Set(events.filter(({ event }) => event === name).flatMap(({ activities }) => activities));
    const others = types.filter((type) => sent.size > 0 && !sent.has(type));
    return others.length > 0 ? [`${name} (${others.join(", ")})`] : [];
  });
}
