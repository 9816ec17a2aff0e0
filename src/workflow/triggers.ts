import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";
import type { WorkflowFacts } from "./facts.ts";
import type { WorkflowTrigger } from "./model.ts";

const services = { description: "Only these services, separated by spaces (default: all)", type: "string" };
const force = { description: "Build though nothing changed", type: "boolean", default: false };
const call: YamlMap = {
  inputs: {
    services,
    force,
    release: { description: "Commit the release and move the tags", type: "boolean", default: true },
    version: { description: "Such as 1.2.0 (default: of the pushed tag; none on a branch)", type: "string" },
  },
};
const dispatch: YamlMap = {
  inputs: {
    services,
    force,
    release: { description: "Commit the release and move the tags", type: "boolean", default: false },
  },
};

/** A run by hand of an adopted workflow is released where it was before, and nowhere else. */
const adoptedDispatch: YamlMap = { inputs: { services, force } };

function whyByHand({ adopted }: WorkflowFacts): string {
  if (adopted === undefined) return "by hand; builds only, unless a release is asked for";
  return adopted.release.events.includes("workflow_dispatch") ? "by hand; releases, as before" : "by hand; builds only";
}

/** Plans the triggers. Those of an adopted workflow are kept, and two that only people or other workflows start are added. */
export function planTriggers(facts: WorkflowFacts): WorkflowTrigger[] {
  const kept = facts.adopted === undefined ? ownTriggers(facts) : withPreviews(facts, keptTriggers(facts.adopted.on));
  if (facts.shadow) {
    const own = kept.filter(({ event }) => event !== "workflow_call" && event !== "workflow_dispatch");
    return [...own, { event: "workflow_dispatch", settings: null, why: "by hand" }];
  }
  const called: WorkflowTrigger = {
    event: "workflow_call",
    settings: merge(settingsOf(kept, "workflow_call"), {
      ...call,
      outputs: callOutputs(facts),
    }),
    why: "a job that releases calls it: tags that are made with GITHUB_TOKEN start nothing by themselves",
  };
  const has = (event: string): boolean => kept.some((each) => each.event === event);
  // A trigger that the adopted workflow did not have would start its other jobs, too.
  const isAdopted = facts.adopted !== undefined;
  const calls = isAdopted ? has("workflow_call") : facts.semanticRelease === undefined || has("workflow_call");
  const byHand: WorkflowTrigger = {
    event: "workflow_dispatch",
    settings: merge(settingsOf(kept, "workflow_dispatch"), facts.adopted === undefined ? dispatch : adoptedDispatch),
    why: whyByHand(facts),
  };
  const others = kept.filter(({ event }) => event !== "workflow_call" && event !== "workflow_dispatch");
  return [...others, ...(calls ? [called] : []), ...(isAdopted && !has("workflow_dispatch") ? [] : [byHand])];
}

/** Keeps the filters of a pull request as written, and adds the type that previews need. */
function withPreviews(
  { previews = false, shadow }: WorkflowFacts,
  kept: readonly WorkflowTrigger[],
): WorkflowTrigger[] {
  return kept.map((trigger) =>
    previews && !shadow && trigger.event === "pull_request"
      ? { ...trigger, settings: withClosing(settingsOf([trigger], "pull_request")) }
      : trigger,
  );
}

/** Adds the type `closed` to the existing types. */
function withClosing(settings: YamlMap | null): YamlMap {
  const written = settings?.["types"] ?? [];
  const types: readonly YamlValue[] = Array.isArray(written) ? written : [written];
  return { ...settings, ...(types.length === 0 ? previewed : { types: [...new Set([...types, "closed"])] }) };
}

/** Inputs that Slipway adds to `workflow_call` and `workflow_dispatch`. */
export const ownInputs: ReadonlySet<string> = new Set(["services", "force", "release", "version"]);

/** Types of a pull request with previews. `closed` deletes them, and is not among the default types. */
const previewed: YamlMap = { types: ["opened", "synchronize", "reopened", "closed"] };

function ownTriggers({ trunk, tags, shadow, semanticRelease, previews = false }: WorkflowFacts): WorkflowTrigger[] {
  const reviewed: WorkflowTrigger[] = [
    previews && !shadow
      ? {
          event: "pull_request",
          settings: previewed,
          why: "builds what changed and pushes previews; closed: deletes them",
        }
      : { event: "pull_request", settings: null, why: "builds what changed, publishes nothing" },
    { event: "merge_group", settings: null, why: "the same, in a merge queue" },
  ];
  if (semanticRelease !== undefined && !shadow) {
    const settings = { branches: semanticRelease.branches };
    const why = "semantic-release decides by the commits whether there is a version, and makes its tag";
    return [{ event: "push", settings, why }, ...reviewed];
  }
  const push: YamlMap = { branches: [trunk], ...(shadow ? {} : { tags: tags.map(tagFilter) }) };
  const what = shadow
    ? "what the other workflow builds"
    : "trunk is released as its branch, a version's tag as that version";
  return [{ event: "push", settings: push, why: what }, ...reviewed];
}

/** Converts `v{version}` to a filter of tags. Special characters are escaped; a version has at least three numbers. */
function tagFilter(template: string): string {
  const [before = "", after = ""] = template.split("{version}");
  const escaped = (text: string): string => text.replaceAll(/[+*?[\]!\\]/g, "\\$&");
  return `${escaped(before)}[0-9]+.[0-9]+.[0-9]+*${escaped(after)}`;
}

function keptTriggers(on: YamlMap): WorkflowTrigger[] {
  return Object.entries(on).map(([event, settings]) => ({
    event,
    settings: isMap(settings) || isList(settings) ? settings : null,
    why: "",
  }));
}

function settingsOf(triggers: readonly WorkflowTrigger[], event: string): YamlMap | null {
  const settings = triggers.find((each) => each.event === event)?.settings ?? null;
  return isList(settings) ? null : settings;
}

function callOutputs(facts: WorkflowFacts): YamlMap {
  const outputs = facts.adopted?.on["workflow_call"];
  const kept = isMap(outputs) && isMap(outputs["outputs"]) ? outputs["outputs"] : {};
  return {
    ...kept,
    digests: { description: "A JSON map of services to digests", value: "${{ jobs.release.outputs.digests }}" },
    images: { description: "A JSON map of services to name@sha256:…", value: "${{ jobs.release.outputs.images }}" },
    version: { description: "The version that was released", value: "${{ jobs.release.outputs.version }}" },
  };
}

/** Merges maps two levels deep. */
function merge(kept: YamlMap | null, own: YamlMap): YamlMap {
  if (kept === null) return own;
  const both: Record<string, YamlValue | undefined> = { ...kept };
  for (const [key, value] of Object.entries(own)) {
    const before = both[key];
    both[key] = isMap(before) && isMap(value) ? { ...before, ...value } : value;
  }
  return both;
}

function isList(value: YamlValue | undefined): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isMap(value: YamlValue | undefined): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
