import { describe, expect, test } from "vitest";
import { countWork, startCounting } from "./count-work.ts";
import { definitionRows } from "./rows/definitions.ts";
import { recordRows } from "./rows/records.ts";
import { reportRows } from "./rows/report.ts";
import { sourceRows } from "./rows/source.ts";
import { textRows } from "./rows/texts.ts";
import { workflowRows } from "./rows/workflow.ts";

// Only what is compiled once counting has begun is counted, so the rows import what they measure.
await startCounting();
const rows = (
  await Promise.all([sourceRows(), definitionRows(), workflowRows(), recordRows(), reportRows(), textRows()])
).flat();

// A stranger decides how long these are, and no signal ends a loop that never yields.
describe("eight times the input takes about eight times the work:", () => {
  test.each(rows)("%s", async (_, size, prepare) => {
    await prepare(4)();
    const [once = 0, eightTimes = 0] = await countWork([prepare(size), prepare(8 * size)]);
    expect(once).toBeGreaterThan(100);
    // V8 leaves some of its counts out; where work grows with the square of the input, this would be 64.
    expect(eightTimes / once).toBeLessThan(16);
  });
});
