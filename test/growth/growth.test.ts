import { describe, expect, test } from "vitest";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { countedFunctions, countWork, startCounting } from "./count-work.ts";
import { reasons } from "./reasons.ts";
import { attestationRows } from "./rows/attestations.ts";
import { definitionRows } from "./rows/definitions.ts";
import { deploymentRows } from "./rows/deployments.ts";
import { historyRows } from "./rows/history.ts";
import { invocationRows } from "./rows/invocations.ts";
import { layerRows } from "./rows/layers.ts";
import { recordRows } from "./rows/records.ts";
import { reportRows } from "./rows/report.ts";
import { sbomRows } from "./rows/sboms.ts";
import { sourceRows } from "./rows/source.ts";
import { textRows } from "./rows/texts.ts";
import { workflowRows } from "./rows/workflow.ts";

// Only what is compiled once counting has begun is counted, so the rows import what they measure.
await startCounting();
const rows = (
  await Promise.all([
    sourceRows(),
    definitionRows(),
    workflowRows(),
    invocationRows(),
    recordRows(),
    reportRows(),
    sbomRows(),
    textRows(),
    layerRows(),
    historyRows(),
    deploymentRows(),
    attestationRows(),
  ])
).flat();

const source = resolve(import.meta.dirname, "../..");
let ran = 0;

// A stranger decides how long these are, and no signal ends a loop that never yields.
describe("eight times the input takes about eight times the work:", () => {
  test.each(rows)("%s", async (_, size, prepare) => {
    ran += 1;
    await prepare(4)();
    const [once = 0, eightTimes = 0] = await countWork([prepare(size), prepare(8 * size)]);
    expect(once).toBeGreaterThan(100);
    // V8 leaves some of its counts out; where work grows with the square of the input, this would be 64.
    expect(eightTimes / once).toBeLessThan(16);
  });
});

/** Names of functions that read, match, compare or render. Asynchronous ones only bring texts to such functions. */
const reader =
  /^export function\*? ((?:parse|read|scan|match|expand|split|decode|compile|merge|diff|order|compare|render|redact|escape|plain|trim|adopt|evaluate|template|reach|interpolate|explain|make(?=\w*Matcher))\w*)/gm;

/** The exported ones of `src`, as `src/FILE NAME`. */
function readers(): string[] {
  const files = readdirSync(join(source, "src"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing/"))
    .flatMap((file) => {
      const text = readFileSync(join(source, "src", file), "utf8");
      return [...text.matchAll(reader)].map(([, name]) => `src/${file} ${name}`);
    });
}

test("a function that parses, matches or renders has a row, or a reason why not", ({ skip }) => {
  skip(ran < rows.length);
  const excused = Object.values(reasons).flat();
  const open = readers().filter((each) => !countedFunctions().has(each));
  const fileOf = (each: string): string => each.slice(0, each.indexOf(" "));
  expect(open.filter((each) => !excused.includes(fileOf(each)))).toEqual([]);
  const files = new Set(open.map(fileOf));
  expect(excused.filter((file) => !files.has(file))).toEqual([]);
});
