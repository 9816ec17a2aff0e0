import { join } from "node:path";
import { expect, test } from "vitest";
import { describePublisher } from "../../src/core/init/find-publishers.ts";
import { eventTable } from "../../src/publishers/event-table.ts";
import { renderEvents } from "../../src/report/render-events.ts";
import { renderPublishers } from "../../src/report/render-publishers.ts";
import { makeStyle } from "../../src/report/style.ts";
import { compareEvents } from "../../src/workflow/events/compare-events.ts";
import { publishersOf, readFolder } from "./read-case.ts";

const style = makeStyle(false, { columns: 100 });

test.each([
  ["corpus", "opentelemetry-demo"],
  ["corpus", "paperless-ngx"],
  ["corpus", "argo-cd"],
  ["corpus", "hatchet"],
  ["corpus", "frappe_docker"],
  ["further", "trinity"],
])("what %s/%s publishes is shown in 100 columns", async (folder, name) => {
  const found = publishersOf(readFolder(join(import.meta.dirname, folder), name));
  const table = eventTable(found);
  const events = compareEvents(table, table).rows.map(({ event, after }) => ({ event, images: after }));
  const shown = [
    renderPublishers({ version: 1, publishers: found.map(describePublisher) }, style),
    "",
    "published on each event",
    ...renderEvents(events, style, 2),
  ].join("\n");
  for (const line of shown.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  await expect(`${shown}\n`).toMatchFileSnapshot(`shown/${name}.txt`);
});
