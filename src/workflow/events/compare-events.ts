import { byEventTitle } from "./event-titles.ts";

/** Image that is published on an event. */
export interface EventReference {
  /** Reference of the image; parts that only a run knows have the form `‹name›`. */
  readonly reference: string;
  /** Conditions that decide whether it is published; empty: it always is. */
  readonly perhaps: readonly string[];
}

/** Published images by the event's title; events on which nothing is published may be absent. */
export type EventTable = ReadonlyMap<string, readonly EventReference[]>;

/** Difference of one image between the two sides of a row. */
export type EventDifference =
  | { readonly kind: "lost" | "added"; readonly image: EventReference }
  /** Image that both sides publish, under different conditions. */
  | { readonly kind: "condition"; readonly before: EventReference; readonly after: EventReference };

/** Images of one event before and after the change. */
export interface EventRow {
  readonly event: string;
  readonly before: readonly EventReference[];
  readonly after: readonly EventReference[];
  /** Differences; empty: both sides publish the same, as far as it is known. */
  readonly differences: readonly EventDifference[];
  /** Conditions and unknown values of images that both sides publish. The sides agree on their names, but may use them differently. */
  readonly open: readonly string[];
}

/** Table of events before and after a change, with a row for each event on which an image is published. */
export interface EventComparison {
  readonly rows: readonly EventRow[];
  /** Result. `same as far as known`: there is no difference, but some images depend on values that only a run knows. */
  readonly outcome: "same" | "same as far as known" | "different";
}

/**
 * Compares the images of two sets of workflows, event by event. Unknown parts count as different if their names differ; equal names are listed as
 * open.
 */
export function compareEvents(before: EventTable, after: EventTable): EventComparison {
  const events = [...new Set([...before.keys(), ...after.keys()])].sort(byEventTitle);
  const rows = events.flatMap((event): EventRow[] => {
    const [mine, theirs] = [imagesOf(before, event), imagesOf(after, event)];
    if (mine.length === 0 && theirs.length === 0) return [];
    return [
      { event, before: mine, after: theirs, differences: differencesOf(mine, theirs), open: openNames(mine, theirs) },
    ];
  });
  if (rows.some(({ differences }) => differences.length > 0)) return { rows, outcome: "different" };
  return { rows, outcome: rows.some(({ open }) => open.length > 0) ? "same as far as known" : "same" };
}

function openNames(before: readonly EventReference[], after: readonly EventReference[]): string[] {
  const others = new Set(after.map(({ reference }) => reference));
  const names = before
    .filter(({ reference }) => others.has(reference))
    .flatMap(({ reference, perhaps }) => [
      ...perhaps,
      ...[...reference.matchAll(/‹([^‹›]*)›/g)].map(([, name = ""]) => name),
    ]);
  return [...new Set(names)].sort();
}

/** Returns each image once, sorted by code unit, because neither the order of jobs nor that of tags changes the published images. */
function imagesOf(table: EventTable, event: string): readonly EventReference[] {
  const found = new Map<string, EventReference>();
  for (const { reference, perhaps } of table.get(event) ?? []) {
    const known = found.get(reference);
    const isSure = perhaps.length === 0 || known?.perhaps.length === 0;
    // An image that is published in two places, each under conditions, has the conditions of both.
    const names = isSure ? [] : [...new Set([...(known?.perhaps ?? []), ...perhaps])].sort();
    found.set(reference, { reference, perhaps: names });
  }
  return [...found.values()].sort((left, right) => (left.reference < right.reference ? -1 : 1));
}

function differencesOf(before: readonly EventReference[], after: readonly EventReference[]): EventDifference[] {
  const byReference = (images: readonly EventReference[]): ReadonlyMap<string, EventReference> =>
    new Map(images.map((image) => [image.reference, image]));
  const [old, now] = [byReference(before), byReference(after)];
  const fromBefore = before.flatMap((image): EventDifference[] => {
    const other = now.get(image.reference);
    if (other === undefined) return [{ kind: "lost", image }];
    const isSame = image.perhaps.join("\n") === other.perhaps.join("\n");
    return isSame ? [] : [{ kind: "condition", before: image, after: other }];
  });
  const added = after.filter(({ reference }) => !old.has(reference));
  return [...fromBefore, ...added.map((image): EventDifference => ({ kind: "added", image }))];
}

/** Renders the comparison: each event with its images; `-` or `+` before an image of one side only, `~` before one whose condition differs. */
export function renderEventComparison({ rows }: EventComparison): string[] {
  return rows.flatMap(({ event, before, differences }) => {
    const changed = new Set(differences.map((each) => (each.kind === "condition" ? each.before : each.image)));
    const same = before.filter((image) => !changed.has(image)).map((image) => `    ${renderEventReference(image)}`);
    return [`  ${event}`, ...same, ...differences.map(renderDifference)];
  });
}

function renderDifference(difference: EventDifference): string {
  switch (difference.kind) {
    case "lost":
      return `  - ${renderEventReference(difference.image)}`;
    case "added":
      return `  + ${renderEventReference(difference.image)}`;
    case "condition": {
      const { perhaps } = difference.after;
      return `  ~ ${renderEventReference(difference.before)}; after: ${perhaps.length === 0 ? "always" : `if ${perhaps.join(" and ")}`}`;
    }
  }
}

/** Renders `image:tag`, or `image:tag if a and b` if conditions decide whether the image is published. */
export function renderEventReference({ reference, perhaps }: EventReference): string {
  return perhaps.length === 0 ? reference : `${reference} if ${perhaps.join(" and ")}`;
}
