import { eventTitles } from "./publish-event.ts";

/** An image that is published on an event. */
export interface EventReference {
  /** Parts that are not known before a run stand in it as `‹name›`. */
  readonly reference: string;
  /** What it hangs on where it may not be published. */
  readonly perhaps: readonly string[];
}

/** What workflows publish, by the event's title; events on which nothing is published may be absent. */
export type EventTable = ReadonlyMap<string, readonly EventReference[]>;

/** How an image of a row differs. */
export type EventDifference =
  | { readonly kind: "lost" | "added"; readonly image: EventReference }
  /** Published before and after, and under another condition. */
  | { readonly kind: "condition"; readonly before: EventReference; readonly after: EventReference };

/** One event, before and after. */
export interface EventRow {
  readonly event: string;
  readonly before: readonly EventReference[];
  readonly after: readonly EventReference[];
  /** Empty: the same is published, as far as it is known. */
  readonly differences: readonly EventDifference[];
  /** Names on which images of both sides hang. Both may do different things with a name. */
  readonly open: readonly string[];
}

/** The table of events before and after a change, a row for each event on which something is published. */
export interface EventComparison {
  readonly rows: readonly EventRow[];
  /** `same as far as known`: no difference is seen, and some images hang on what is not known before a run. */
  readonly outcome: "same" | "same as far as known" | "different";
}

/** Compares what two sets of workflows publish, event by event. Unknown parts of other names differ; those of one name are left open. */
export function compareEvents(before: EventTable, after: EventTable): EventComparison {
  const titles: readonly string[] = Object.values(eventTitles);
  const others = [...new Set([...before.keys(), ...after.keys()])].filter((event) => !titles.includes(event)).sort();
  const rows = [...titles, ...others].flatMap((event): EventRow[] => {
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

/** Each image once, by code unit: neither the order of jobs nor that of tags changes what is published. */
function imagesOf(table: EventTable, event: string): readonly EventReference[] {
  const found = new Map<string, EventReference>();
  for (const { reference, perhaps } of table.get(event) ?? []) {
    const known = found.get(reference);
    const isSure = perhaps.length === 0 || known?.perhaps.length === 0;
    // Published by two ways that may both be closed, it hangs on the conditions of both.
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

/** The comparison as lines: each event with its images; `-` and `+` before what only one side publishes, `~` where the condition differs. */
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

/** `image:tag`, or `image:tag if a and b` where it hangs on names. */
export function renderEventReference({ reference, perhaps }: EventReference): string {
  return perhaps.length === 0 ? reference : `${reference} if ${perhaps.join(" and ")}`;
}
