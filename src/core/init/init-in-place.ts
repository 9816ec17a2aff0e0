import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { InitDocument } from "../../model/init-document.ts";
import { byCodeUnit } from "../../model/order.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { eventTable } from "../../publishers/event-table.ts";
import { readPublishers } from "../../publishers/read-publishers.ts";
import {
  compareEvents,
  type EventReference,
  renderEventComparison,
  renderEventReference,
} from "../../workflow/events/compare-events.ts";
import { type InPlacePlan, planInPlace } from "../../workflow/in-place/plan-in-place.ts";
import { pinsExactly } from "../../workflow/in-place/pinned-uses.ts";
import type { ActionPin } from "../../workflow/in-place/step-change.ts";
import { eventFacts, type FoundPublishers, withFiles } from "./find-publishers.ts";
import { type Change, describeChange } from "./init-document.ts";
import { chooseAction, type InitRequest, parseAction } from "./init-facts.ts";
import { whyNeverReused } from "./never-reused.ts";
import type { InitSources } from "./init-read.ts";

/** Changes that `slipway init` makes to publishing workflows, as a document and as files. */
export interface InPlaceInit {
  readonly document: InitDocument;
  readonly changes: readonly Change[];
}

/** Plans changes to the build steps of publishing workflows. Throws `refused` if none of them can be changed. */
export async function planInPlaceInit(
  host: Host,
  { sources, found, publishers }: { sources: InitSources; found: FoundPublishers; publishers: readonly Publisher[] },
  request: Pick<InitRequest, "action"> & { readonly forks: boolean },
): Promise<InPlaceInit> {
  const notes: string[] = [];
  const { read } = found;
  const pin = await choosePin(host, request, { publishers, read, notes });
  const plan = planInPlace(publishers, { pin, forks: request.forks, read });
  if (!plan.taken.some(({ builds }) => builds)) throw nothingTaken(plan);
  const changes = plan.files.map(({ file, before, after }) => ({ path: file, before, after }));
  const events = sameEvents(publishers, publishersAfter(sources, found, plan));
  if (sources.remote !== undefined && !/^github\.com$/i.test(sources.remote.host))
    notes.push(
      `${sources.remote.host} has to be able to reach github.com/${pin.repository}, or a copy of it (--action)`,
    );
  const described = await withFiles(sources, (readText) => describePlaces(plan, readText));
  return { changes, document: describe(described, { changes, events, notes: [...notes, ...plan.notes] }) };
}

/** Chooses the action by tag; by commit and exact version too, if a workflow pins actions so. */
async function choosePin(
  host: Host,
  { action }: Pick<InitRequest, "action">,
  given: {
    readonly publishers: readonly Publisher[];
    readonly read: FoundPublishers["read"];
    readonly notes: string[];
  },
): Promise<ActionPin> {
  const { repository, ref } = parseAction(action);
  const files = new Set(given.publishers.flatMap(({ address }) => address?.file ?? []));
  const isExact = [...files].some((file) => pinsExactly(given.read(file) ?? ""));
  if (!isExact) return { repository, ref, commit: undefined };
  const chosen = await chooseAction(host, { action }, undefined, given.notes);
  const commit = chosen.called === undefined ? undefined : { id: chosen.ref, called: chosen.called };
  return { repository, ref, commit };
}

function nothingTaken({ taken, left }: InPlacePlan): SlipwayError {
  const places = [
    ...left.map(({ publisher, because }) => `  ${renderPlaceOf(publisher)}: ${because}`),
    ...taken.map((publisher) => `  ${renderPlaceOf(publisher)}: it builds nothing`),
  ];
  return new SlipwayError(
    "refused",
    ["this repository publishes images in ways that init does not change:", ...places],
    {
      hint: "`slipway publishers` shows them all; --beside writes a workflow beside them",
    },
  );
}

/** The place of a publisher in messages: `file:line:column (how)`. */
export function renderPlaceOf({ place: { file, line, column }, how }: Publisher): string {
  return `${file}:${line}:${column} (${how})`;
}

/** The publishers of the repository after the changes. */
function publishersAfter(
  sources: InitSources,
  { read }: FoundPublishers,
  { files }: InPlacePlan,
): readonly Publisher[] {
  const changed = new Map(files.map(({ file, after }) => [file, after]));
  const paths = new Set(sources.tree.paths);
  return readPublishers({ paths, read: (path) => changed.get(path) ?? read(path) }, eventFacts(sources));
}

/** The table of events before and after. Throws if the changed workflows would publish other images. */
function sameEvents(before: readonly Publisher[], after: readonly Publisher[]): InitDocument["events"] {
  const workflows = new Set(before.map(({ workflow }) => workflow));
  const kept = after.filter(({ workflow }) => workflows.has(workflow));
  const comparison = compareEvents(eventTable(before), eventTable(kept));
  const texts = (images: readonly EventReference[]): string[] => images.map(renderEventReference);
  if (comparison.outcome !== "different") {
    return comparison.rows.map((row) => ({ event: row.event, before: texts(row.before), after: texts(row.after) }));
  }
  const rows = comparison.rows.filter(({ differences }) => differences.length > 0);
  throw new SlipwayError(
    "failed",
    ["the changed workflows would publish other images:", ...renderEventComparison({ ...comparison, rows })],
    { hint: "nothing was written; please report it with the workflow" },
  );
}

function describePlaces({ taken, left }: InPlacePlan, read: (path: string) => string | undefined): Places {
  const all = [
    ...taken.map((publisher) => ({ publisher, because: null, isTaken: publisher.builds })),
    ...left.map(({ publisher, because }) => ({ publisher, because, isTaken: false })),
  ];
  return describePublishers(all, read);
}

type Places = InitDocument["publishers"];

function describe(
  publishers: Places,
  given: {
    readonly changes: readonly Change[];
    readonly events: InitDocument["events"];
    readonly notes: readonly string[];
  },
): InitDocument {
  return {
    version: 1,
    state: given.changes.length === 0 ? "same" : "dry-run",
    layout: null,
    source: "",
    services: [],
    workflows: [],
    publishers,
    events: given.events,
    releaserc: null,
    files: given.changes.map(describeChange),
    notCarried: [],
    replaced: [],
    notes: given.notes,
  };
}

/** Describes each place once, sorted by file and line. */
export function describePublishers(
  all: readonly { readonly publisher: Publisher; readonly because: string | null; readonly isTaken: boolean }[],
  read: (path: string) => string | undefined = () => undefined,
): InitDocument["publishers"] {
  const places = new Map(
    all.map(({ publisher, because, isTaken }) => {
      const { place, how } = publisher;
      const becomes = isTaken ? ("reusing" as const) : ("as-it-is" as const);
      const never = isTaken ? whyNeverReused(publisher, read) : [];
      return [`${place.file}:${place.line}:${place.column}`, { ...place, how, becomes, because, never }];
    }),
  );
  return [...places.values()].toSorted((one, two) => byCodeUnit(one.file, two.file) || one.line - two.line);
}
