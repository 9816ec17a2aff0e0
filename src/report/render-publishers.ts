import { addTo } from "../model/lists.ts";
import type { PublisherEntry, PublishersDocument } from "../model/publishers-document.ts";
import { renderCount } from "../model/units.ts";
import { type EventImages, renderEvents } from "./render-events.ts";
import type { Style } from "./style.ts";

/** For `slipway publishers`: each place once, with what it publishes on which event. */
export function renderPublishers({ publishers }: PublishersDocument, style: Style): string {
  if (publishers.length === 0) return "nothing publishes images from a workflow of this repository";
  const places = new Map<string, PublisherEntry[]>();
  for (const each of publishers) {
    const place = `${each.file}:${each.line}:${each.column}`;
    addTo(places, place, each);
  }
  const open = [...places.values()].filter(([first]) => first?.understood === false).length;
  const count = `${renderCount(places.size, "place")} that publish${places.size === 1 ? "es" : ""} images`;
  return [
    ...[...places].flatMap(([place, entries]) => [...renderPlace(place, entries, style), ""]),
    style.dim(open === 0 ? count : `${count}, ${open} not understood`),
  ].join("\n");
}

function renderPlace(place: string, entries: readonly PublisherEntry[], style: Style): string[] {
  const [first] = entries;
  if (first === undefined) return [];
  const { how, builds } = first;
  const callers = [...new Set(entries.map((each) => callerOf(each, place)))];
  const reasons = [...new Set(entries.flatMap(({ because }) => because ?? []))];
  return [
    `${style.bold(place)}  ${how}${builds ? "" : " (builds nothing)"}`,
    ...callers.filter((caller) => caller !== "").map((caller) => style.dim(`  ${caller}`)),
    ...reasons.map((because) => `  ${style.yellow("not understood")}: ${because}`),
    ...renderEvents(eventsOf(entries), style, 2),
  ];
}

/** The way from the workflow to the place. */
function callerOf({ workflow, job, via }: PublisherEntry, place: string): string {
  const steps = via.map(({ kind, name, file, line }) => (kind === "make" ? `make ${name} (${file}:${line})` : name));
  const isPlain = via.length === 0 && place.startsWith(`${workflow}:`);
  return isPlain ? (job === "" ? "" : `job ${job}`) : `job ${job} of ${[workflow, ...steps].join(" → ")}`;
}

function eventsOf(entries: readonly PublisherEntry[]): EventImages[] {
  const events = new Map<string, EventImages["images"][number][]>();
  const seen = new Set<string>();
  for (const { event, images, perhaps } of entries.flatMap(({ publishes }) => publishes)) {
    if (!events.has(event)) events.set(event, []);
    for (const { reference } of images) {
      const key = JSON.stringify([event, reference, perhaps]);
      if (!seen.has(key)) events.get(event)?.push({ reference, perhaps });
      seen.add(key);
    }
  }
  return [...events].map(([event, images]) => ({ event, images }));
}
