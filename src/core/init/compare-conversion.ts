import { addAllTo } from "../../model/lists.ts";
import { eventTable } from "../../publishers/event-table.ts";
import { nameOfReference } from "../../publishers/image-names.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { readPublishers } from "../../publishers/read-publishers.ts";
import { withShortSha } from "../../workflow/adopt/fit-tags.ts";
import {
  compareEvents,
  type EventComparison,
  type EventReference,
  type EventTable,
} from "../../workflow/events/compare-events.ts";
import type { EventFacts } from "../../workflow/events/publish-event.ts";
import { findRefClasses, type RefClass, type UsualRefs } from "../../workflow/events/ref-classes.ts";
import { eventMap, readCallable, type WorkflowFiles } from "../../workflow/events/workflow-files.ts";
import { type GeneratedWorkflow, releasedTable } from "./released-table.ts";

/** Workflows before and after a conversion. */
export interface Conversion {
  /** Workflows that are replaced. */
  readonly replaced: readonly string[];
  /** Files as they are. */
  readonly files: WorkflowFiles;
  /** Generated workflow that is there already; undefined: there is none. */
  readonly before: GeneratedWorkflow | undefined;
  readonly after: GeneratedWorkflow;
}

/** Compares what is published on each event before and after a conversion. `facts`: with the commit. */
export function compareConversion({ replaced, files, before, after }: Conversion, given: EventFacts): EventComparison {
  const facts = { ...refsOf(files, given.trunk), ...given };
  const old = readPublishers(files, facts).filter(({ workflow }) => replaced.includes(workflow));
  const own = readPublishers(after.files, facts).filter(({ workflow }) => workflow === after.file);
  return compareEvents(
    joinTables([tagsOnly(old), ...(before === undefined ? [] : [releasedTable(before, facts)])]),
    joinTables([tagsOnly(own), releasedTable(after, facts)]),
  );
}

/** Example refs of the workflows before, so that both sides are asked about the same branches and tags. */
function refsOf(files: WorkflowFiles, trunk: string): UsualRefs & { readonly classes: readonly RefClass[] } {
  const workflows = [...files.paths].filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)).sort();
  const filtering = workflows.flatMap((path) => {
    const value = readCallable(path, files)?.value;
    return value === undefined ? [] : [{ on: eventMap(value), text: files.read(path) ?? "" }];
  });
  const { usual, classes } = findRefClasses(filtering, trunk);
  return { ...usual, classes };
}

/** Returns the images that a tag names. Images pushed by digest alone are left out: they cannot be pulled by name. */
function tagsOnly(publishers: readonly Publisher[]): EventTable {
  return new Map(
    [...eventTable(publishers)].map(([event, images]) => [
      event,
      images.flatMap(({ reference, perhaps }): EventReference[] =>
        reference.slice(nameOfReference(reference).length).startsWith("@")
          ? []
          : [{ reference: withRegistry(withShortSha(reference)), perhaps }],
      ),
    ]),
  );
}

function joinTables(tables: readonly EventTable[]): EventTable {
  const joined = new Map<string, EventReference[]>();
  for (const table of tables) for (const [event, images] of table) addAllTo(joined, event, images);
  return joined;
}

/** Completes a name by the registry that Docker takes for it. */
function withRegistry(reference: string): string {
  const name = nameOfReference(reference);
  const lower = name.toLowerCase() + reference.slice(name.length);
  const [first = "", ...rest] = lower.split("/");
  if (/^(?:index\.)?docker\.io$/.test(first))
    return `docker.io/${rest.length === 1 ? "library/" : ""}${rest.join("/")}`;
  if (rest.length > 0 && (/[.:‹]/.test(first) || first === "localhost")) return lower;
  return rest.length === 0 ? `docker.io/library/${lower}` : `docker.io/${lower}`;
}
