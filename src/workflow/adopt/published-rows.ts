import { makeObject } from "../../expressions/evaluated.ts";
import { addAllTo, addTo } from "../../model/lists.ts";
import { nameOfReference } from "../../publishers/image-names.ts";
import { eventRuns, type FindSource } from "../../publishers/event-runs.ts";
import { gatherPlaces, type PublishingPlace } from "../../publishers/gather-places.ts";
import { parseSource, type SourceFile } from "../../publishers/source-file.ts";
import { parseVersion } from "../../formats/semver.ts";
import type { EventName } from "../events/event-titles.ts";
import { otherEvent, publishEvents } from "../events/list-events.ts";
import type { PublishEvent } from "../events/publish-event.ts";
import { otherTriggers } from "../events/triggers.ts";
import { eventMap, type WorkflowFiles } from "../events/workflow-files.ts";
import type { ExampleRefs, PublishedRefs } from "./fit-tags.ts";
import { sampleRefs } from "./sample-refs.ts";

/** Address of a step: its job, the row of the job's matrix, and its index. */
export interface StepOfRow {
  readonly job: string;
  readonly row: number;
  readonly index: number;
}

/** References that a workflow publishes on example events, by the step that does. */
export interface PublishedRows {
  readonly refs: ExampleRefs;
  /** Git tag of a version: `v{version}`. */
  readonly gitTag: string;
  /** Names of GitHub's events on which something is published: `push`, `schedule`. */
  readonly events: ReadonlySet<string>;
  /** References of a step; `images`: only of these image names. */
  readonly of: (step: StepOfRow, images?: readonly string[]) => PublishedRefs;
  /** Whether pushes to branches other than the trunk start the workflow. */
  readonly startsOnBranches: boolean;
  readonly startsOnTrunk: boolean;
  /** References that a run by hand on another branch than the trunk publishes. */
  readonly byHandOnBranch: readonly string[];
  /** Whether a job runs, or may run, on an event that is not among these. */
  readonly runsOutside: (job: string, events: ReadonlySet<string>) => boolean;
}

/** Numbers that no tag contains by itself. */
const rareVersion = "7717.8823.9941";
const usualVersion = "1.2.3";
/** Id that no tag contains by itself. */
const rareCommit = "c0ffee7b1e55edc0dedbabb1e5afe5eedfacade5";

/** Reads what each step of a workflow publishes, row by row of its job's matrix. */
export function readPublishedRows(
  file: string,
  given: { readonly files: WorkflowFiles; readonly repository: string | undefined; readonly trunk: string },
): PublishedRows {
  const { files, trunk } = given;
  const sources = new Map<string, SourceFile | undefined>();
  const sourceOf: FindSource = (path) => {
    const text = sources.has(path) ? undefined : files.read(path);
    if (text !== undefined) sources.set(path, parseSource(path, text));
    return sources.get(path);
  };
  const on = eventMap(sourceOf(file)?.value ?? {});
  const facts = { repository: given.repository ?? "owner/repository", trunk, commit: rareCommit };
  const rare = sampleRefs(on, { ...facts, versionTag: `v${rareVersion}` });
  const isRare = rare.versionTag?.endsWith(rareVersion) === true;
  const sample = isRare ? rare : sampleRefs(on, facts);
  const tag = sample.versionTag ?? "";
  const version = isRare ? rareVersion : versionIn(tag);
  const published = new Map<string, { readonly event: PublishEvent; readonly references: string[] }[]>();
  const events = new Set<string>();
  const started = new Set<string>();
  const ran = new Map<string, string[]>();
  const listed = publishEvents(sample);
  const push = listed.find(({ name }) => name === "branch-push");
  const byHand = listed.filter(({ event }) => event === "workflow_dispatch" && event in on);
  const byHandOnBranch = byHand.flatMap((event) =>
    eventRuns(file, push === undefined ? event : onBranchOf(push, event), { files, sourceOf }).flatMap((job) =>
      gatherPlaces(job, files).flatMap(referencesOf),
    ),
  );
  const others = otherTriggers(on, listed).filter((title) => title !== "workflow_call");
  for (const event of [...listed, ...others.map((title) => otherEvent(title, sample))]) {
    const rows = new Map<string, number>();
    const jobs = eventRuns(file, event, { files, sourceOf });
    if (jobs.length > 0) started.add(event.name);
    for (const job of jobs) {
      if (job.runs !== false) addTo(ran, job.id, event.name);
      const row = rows.get(job.id) ?? 0;
      rows.set(job.id, row + 1);
      for (const place of gatherPlaces(job, files)) {
        const references = referencesOf(place);
        if (references.length === 0) continue;
        if (references.some((each) => !each.includes("@"))) events.add(event.event);
        const key = keyOf({ job: job.id, row, index: Number(place.address?.path[3] ?? -1) });
        addAllTo(published, key, [{ event, references }]);
      }
    }
  }
  return {
    refs: { trunk, branch: sample.branch ?? "dev", version, commit: rareCommit },
    gitTag: version === "" ? "v{version}" : tag.replace(version, "{version}"),
    events,
    of: (step, images) => refsOf(published.get(keyOf(step)) ?? [], images),
    startsOnBranches: started.has("branch-push"),
    startsOnTrunk: started.has("trunk-push"),
    byHandOnBranch: byHandOnBranch.filter((each) => !each.includes("@")),
    runsOutside: (job, known) => (ran.get(job) ?? []).some((name) => !known.has(name)),
  };
}

/** Makes the event of a run by hand on another branch, from one on the trunk and from a push of the branch. */
function onBranchOf(push: PublishEvent, byHand: PublishEvent): PublishEvent {
  const membersOf = ({ github }: PublishEvent) =>
    [...github.members.values()].map(({ name, value }) => [name, value] as const);
  const ofRef = new Set(["ref", "ref_name", "ref_type", "sha"]);
  const github = makeObject(
    [...membersOf(byHand), ...membersOf(push).filter(([name]) => ofRef.has(name))],
    byHand.github.rest,
  );
  return { ...byHand, name: "other", title: "dispatch on another branch", github };
}

function keyOf({ job, row, index }: StepOfRow): string {
  return JSON.stringify([job, row, index]);
}

function referencesOf({ images }: PublishingPlace): string[] {
  return images.flatMap((each) => each.images.map(({ reference }) => reference));
}

function refsOf(
  all: readonly { readonly event: PublishEvent; readonly references: readonly string[] }[],
  images: readonly string[] | undefined,
): PublishedRefs {
  const refs = new Map<EventName, string[]>();
  for (const { event, references } of all) {
    const own = references.filter((each) => images === undefined || images.includes(nameOfReference(each)));
    // An event of a class of refs is like the usual one; the comparison of all events finds where it is not.
    if (own.length > 0 && event.name !== "class") addAllTo(refs, event.name === "other" ? "dispatch" : event.name, own);
  }
  return refs;
}

/** Returns the version in a git tag: the usual one, or any that ends it; empty: the tag contains none. */
function versionIn(tag: string): string {
  if (tag.includes(usualVersion)) return usualVersion;
  const end = /\d.*$/s.exec(tag)?.[0] ?? "";
  return parseVersion(end) === undefined ? "" : end;
}
