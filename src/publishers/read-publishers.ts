import { type EventFacts, eventTitles, type PublishEvent, publishEvents } from "../workflow/events/publish-event.ts";
import { eventMap, type WorkflowFiles } from "../workflow/events/workflow-files.ts";
import { otherTriggers } from "../workflow/events/triggers.ts";
import { eventRuns, type FindSource } from "./event-runs.ts";
import { gatherPlaces, type PublishingPlace } from "./gather-places.ts";
import type { PublishedImages, Publisher } from "./publisher.ts";
import { parseSource, type SourceFile } from "./source-file.ts";
import type { JobRun } from "./step-run.ts";
import { writtenRuns } from "./written-runs.ts";

/** Every place of a repository that publishes images, with what it publishes on each event, in the order of files and lines. */
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
  const repository = { files, sourceOf, workflows, events: publishEvents(facts) };
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
  readonly events: readonly PublishEvent[];
}

function readWorkflow(file: string, repository: Repository): readonly Publisher[] {
  const { files, sourceOf, events } = repository;
  if (files.read(file) === undefined) return [];
  const source = sourceOf(file);
  if (source === undefined) return [unreadable(file)];
  const gathered = new Gathering();
  for (const event of events) {
    for (const job of eventRuns(file, event, { files, sourceOf }))
      gathered.add(eventTitles[event.name], job, gatherPlaces(job, files));
  }
  const others = otherEvents(source, file, repository);
  if (others.length > 0)
    for (const job of writtenRuns(source, files))
      for (const other of others) gathered.add(other, job, gatherPlaces(job, files));
  return gathered.publishers();
}

/** Other events that start a workflow: what it then runs is read as it is written. A workflow that others call is read where they call it. */
function otherEvents({ value }: SourceFile, file: string, repository: Repository): string[] {
  const { files, workflows, events } = repository;
  const isCalled = workflows.some((path) => path !== file && files.read(path)?.includes(`./${file}`) === true);
  return otherTriggers(eventMap(value), events).filter((name) => name !== "workflow_call" || !isCalled);
}

function unreadable(file: string): Publisher {
  return {
    place: { file, line: 1, column: 1 },
    workflow: file,
    job: "",
    step: "",
    address: undefined,
    how: "unreadable",
    builds: true,
    via: [],
    understanding: { understood: false, because: "the file is not valid YAML" },
  };
}

interface Gathered {
  readonly job: JobRun;
  readonly found: PublishingPlace;
  readonly events: Map<string, PublishedImages[]>;
}

/** Places of a workflow while its events are gone through. */
class Gathering {
  readonly #places = new Map<string, Gathered>();

  add(event: string, job: JobRun, places: readonly PublishingPlace[]): void {
    for (const found of places) {
      if (found.because === undefined && found.images.length === 0) continue;
      const { place, via } = found;
      const key = JSON.stringify([place, job.id, via.map(({ from }) => from)]);
      const known = this.#places.get(key) ?? { job, found, events: new Map<string, PublishedImages[]>() };
      known.events.set(event, [...(known.events.get(event) ?? []), ...found.images]);
      this.#places.set(key, known);
    }
  }

  publishers(): readonly Publisher[] {
    return [...this.#places.values()].map(({ job, found, events }) => {
      const { place, via, address, step, how, builds, because } = found;
      const publishes = Object.fromEntries([...events].map(([event, images]) => [event, joinImages(images)]));
      return {
        place,
        workflow: job.workflow,
        job: job.id,
        step,
        address,
        how,
        builds,
        via,
        understanding: because === undefined ? { understood: true, publishes } : { understood: false, because },
      };
    });
  }
}

/** Each image once. */
function joinImages(all: readonly PublishedImages[]): readonly PublishedImages[] {
  const byCondition = new Map<string, PublishedImages>();
  for (const { images, perhaps } of all) {
    const key = perhaps.join("\n");
    const known = byCondition.get(key)?.images ?? [];
    const more = images.filter(({ reference }) => !known.some((each) => each.reference === reference));
    byCondition.set(key, { images: [...known, ...more], perhaps });
  }
  return [...byCondition.values()];
}
