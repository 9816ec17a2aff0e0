import { byEventTitle } from "../workflow/events/event-titles.ts";
import { otherEvent, publishEvents } from "../workflow/events/list-events.ts";
import type { EventFacts, PublishEvent } from "../workflow/events/publish-event.ts";
import { findRefClasses } from "../workflow/events/ref-classes.ts";
import { eventMap, type WorkflowFiles } from "../workflow/events/workflow-files.ts";
import { otherTriggers } from "../workflow/events/triggers.ts";
import { eventRuns, type FindSource } from "./event-runs.ts";
import { nameOfReference } from "./image-names.ts";
import { gatherPlaces, type PublishingPlace } from "./gather-places.ts";
import type { WrittenBuild } from "./image-command.ts";
import { nameUnknownParts } from "./named-parts.ts";
import type { PublishedImages, Publisher } from "./publisher.ts";
import { yamlFaultOf } from "./local-file.ts";
import { parseSource, type SourceFile } from "./source-file.ts";
import type { JobRun } from "./step-run.ts";

/** Reads every place of a repository that publishes images, with its images by event, in the order of files and lines. */
export function readPublishers(files: WorkflowFiles, facts: EventFacts): readonly Publisher[] {
  const sources = new Map<string, SourceFile | undefined>();
  const sourceOf = (file: string): SourceFile | undefined => {
    if (!sources.has(file)) {
      const text = files.read(file);
      sources.set(file, text === undefined ? undefined : parseSource(file, text));
    }
    return sources.get(file);
  };
  const workflows = [...files.paths].filter(isWorkflow).sort();
  const { usual, classes } = findRefClasses(
    workflows.flatMap((file) => {
      const source = sourceOf(file);
      return source === undefined ? [] : [{ on: eventMap(source.value), text: source.text }];
    }),
    facts.trunk,
  );
  const repository = { files, sourceOf, workflows, facts: { ...usual, classes, ...facts } };
  return workflows.flatMap((file) => readWorkflow(file, repository)).toSorted(byPlace);
}

function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path);
}

function byPlace({ place: one }: Publisher, { place: two }: Publisher): number {
  if (one.file !== two.file) return one.file < two.file ? -1 : 1;
  return one.line - two.line || one.column - two.column;
}

interface Repository {
  readonly files: WorkflowFiles;
  readonly sourceOf: FindSource;
  readonly workflows: readonly string[];
  readonly facts: EventFacts;
}

function readWorkflow(file: string, repository: Repository): readonly Publisher[] {
  const { files, sourceOf, facts } = repository;
  const text = files.read(file);
  if (text === undefined) return [];
  const source = sourceOf(file);
  if (source === undefined) return [unreadable(file, text)];
  const gathered = new Gathering();
  let starts = false;
  const events = publishEvents(facts);
  for (const event of events) starts = gatherEvent(gathered, file, event, repository) || starts;
  const others = otherEvents(source, repository, { events, starts });
  for (const other of others) gatherEvent(gathered, file, otherEvent(other, facts), repository);
  return gathered.publishers();
}

/** Gathers what a workflow publishes on an event. Returns whether the event runs one of its jobs. */
function gatherEvent(gathered: Gathering, file: string, event: PublishEvent, { files, sourceOf }: Repository): boolean {
  const jobs = eventRuns(file, event, { files, sourceOf });
  const found = jobs.map((job) => ({ job, places: gatherPlaces(job, files) }));
  for (const { job, places } of withPushesElsewhere(found)) gathered.add(event.title, job, places);
  return jobs.length > 0;
}

interface GatheredJob {
  readonly job: JobRun;
  readonly places: readonly PublishingPlace[];
}

/** Adds the images that another job pushes to the build that its own job does not push: jobs pass such an image on as a file. */
function withPushesElsewhere(all: readonly GatheredJob[]): readonly GatheredJob[] {
  const pushes = all.flatMap(({ job, places }) =>
    places.filter(({ builds }) => !builds).flatMap(({ images }) => images.map((each) => ({ job, each }))),
  );
  return all.map(({ job, places }) => ({
    job,
    places: places.map((place) => {
      if (!place.builds || place.images.length > 0 || place.tags.length === 0) return place;
      const names = new Set(place.tags.map(({ text }) => nameOfReference(text)));
      const isMine = ({ images }: PublishedImages): boolean =>
        images.some(({ reference }) => names.has(nameOfReference(reference)));
      return {
        ...place,
        images: pushes.filter((push) => push.job !== job && isMine(push.each)).map(({ each }) => each),
      };
    }),
  }));
}

/**
 * Returns the triggers of a workflow that are not in the table, or all if nothing in the table starts it: what their payload holds is unknown. A
 * workflow that others call is read where they call it.
 */
function otherEvents(
  { value, file }: SourceFile,
  { files, workflows }: Repository,
  { events, starts }: { readonly events: readonly PublishEvent[]; readonly starts: boolean },
): string[] {
  const on = eventMap(value);
  const beside = otherTriggers(on, events);
  const isNamed = (event: string): boolean => beside.some((each) => each === event || each.startsWith(`${event} (`));
  const others = starts ? beside : [...beside, ...Object.keys(on).filter((event) => !isNamed(event))];
  const isCalled = workflows.some((path) => path !== file && files.read(path)?.includes(`./${file}`) === true);
  return others.filter((name) => name !== "workflow_call" || !isCalled);
}

function unreadable(file: string, text: string): Publisher {
  const { line, column, because } = yamlFaultOf(text) ?? { line: 1, column: 1, because: "the file is no map of keys" };
  return {
    place: { file, line, column },
    workflow: file,
    job: "",
    step: "",
    address: undefined,
    how: "unreadable",
    builds: true,
    via: [],
    settings: [],
    folder: ".",
    understanding: { understood: false, because },
  };
}

interface Gathered {
  readonly job: JobRun;
  readonly found: PublishingPlace;
  readonly events: Map<string, PublishedImages[]>;
  readonly settings: WrittenBuild[];
}

/** Collects the places of a workflow while its events are evaluated one by one. */
class Gathering {
  readonly #places = new Map<string, Gathered>();

  add(event: string, job: JobRun, places: readonly PublishingPlace[]): void {
    for (const found of places) {
      if (found.because === undefined && found.images.length === 0) continue;
      const { place, via } = found;
      const key = JSON.stringify([place, job.id, via.map(({ from }) => from)]);
      const known = this.#places.get(key) ?? { job, found, events: new Map<string, PublishedImages[]>(), settings: [] };
      if (found.settings !== undefined) known.settings.push(found.settings);
      known.events.set(event, [...(known.events.get(event) ?? []), ...found.images]);
      this.#places.set(key, known);
    }
  }

  publishers(): readonly Publisher[] {
    return [...this.#places.values()].map(({ job, found, events, settings }) => {
      const { place, via, address, step, how, builds, folder, because } = found;
      const publishes = Object.fromEntries(
        [...events]
          .toSorted(([left], [right]) => byEventTitle(left, right))
          .map(([event, images]) => [event, joinImages(images)]),
      );
      return {
        place,
        workflow: job.workflow,
        job: job.id,
        step,
        address,
        how,
        builds,
        via,
        settings,
        folder,
        understanding: because === undefined ? { understood: true, publishes } : { understood: false, because },
      };
    });
  }
}

/** Names the unknown parts of images, and removes duplicates. */
function joinImages(all: readonly PublishedImages[]): readonly PublishedImages[] {
  const byCondition = new Map<string, PublishedImages>();
  for (const { images, perhaps } of all) {
    const key = perhaps.join("\n");
    const known = byCondition.get(key)?.images ?? [];
    const named = images.map(({ reference, unknown }) => nameUnknownParts({ text: reference, unknown }));
    const more = named.filter(({ reference }) => !known.some((each) => each.reference === reference));
    byCondition.set(key, { images: [...known, ...more], perhaps });
  }
  return [...byCondition.values()];
}
