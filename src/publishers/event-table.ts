import { addAllTo } from "../model/lists.ts";
import type { EventReference, EventTable } from "../workflow/events/compare-events.ts";
import type { Publisher } from "./publisher.ts";

/** Returns the images that all understood publishers publish, by event. */
export function eventTable(publishers: readonly Publisher[]): EventTable {
  const table = new Map<string, EventReference[]>();
  for (const { understanding } of publishers) {
    if (!understanding.understood) continue;
    for (const [event, all] of Object.entries(understanding.publishes)) {
      const references = all.flatMap(({ images, perhaps }) => images.map(({ reference }) => ({ reference, perhaps })));
      addAllTo(table, event, references);
    }
  }
  return table;
}
