import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { BaseImages } from "./generate.ts";
import type { Workshop } from "./prepare.ts";
import { faults, type Outcome } from "./prove.ts";
import { describeFault, runCases } from "./run-cases.ts";
import { openWorkshop } from "./workshop.ts";

const sandbox = inject("sandbox");

/** `SLIPWAY_SEED=17 SLIPWAY_CASES=1` runs the one case that failed with seed 17. */
const firstSeed = Number(process.env["SLIPWAY_SEED"] ?? 1);
const cases = process.env["SLIPWAY_CASES"];

describe.skipIf(sandbox === null)("fingerprints beside BuildKit", () => {
  let workshop: Workshop;
  let bases: BaseImages;
  let close: (() => void) | undefined;

  beforeAll(async () => {
    if (sandbox !== null) ({ workshop, bases, close } = await openWorkshop(sandbox));
  });
  afterAll(() => close?.());

  test.each([
    ["a repository", undefined, Number(cases ?? 300)],
    ["a folder as it lies", "folder", Number(cases ?? 40)],
  ] as const)(
    "of %s: equal ones mean equal images, and a build sees its inputs and nothing else",
    async (of, source, count) => {
      process.stderr.write(`${of}, seeds ${firstSeed} to ${firstSeed + count - 1}\n`);
      const outcomes = await runCases(workshop, bases, { firstSeed, count, whole: count === 1, source });
      report(outcomes);
      const faulty = outcomes.filter(({ verdict }) => faults.has(verdict));
      const reports = [];
      for (const each of faulty.slice(0, 3)) reports.push(await describeFault(workshop, each));
      expect(reports.join("\n\n"), `${faulty.length} of ${count} cases`).toBe("");
      expect(outcomes).toHaveLength(count);
    },
    Number(cases ?? 300) * 3000 + 300_000,
  );
});

function report(outcomes: readonly Outcome[]): void {
  const rows = new Map<string, Map<string, number>>();
  for (const { one, verdict } of outcomes) {
    for (const key of [one.change, "all"]) {
      const row = rows.get(key) ?? new Map<string, number>();
      rows.set(key, row.set(verdict, (row.get(verdict) ?? 0) + 1));
    }
  }
  const text = [...rows].map(
    ([key, row]) => `${key}: ${[...row].map(([verdict, times]) => `${times} ${verdict}`).join(", ")}`,
  );
  process.stderr.write(`${text.sort().join("\n")}\n`);
  const needless = outcomes.filter(({ verdict }) => verdict === "needless" || verdict === "accepted");
  const file = process.env["SLIPWAY_PROOF_DETAILS"];
  if (file === undefined) return;
  writeFileSync(
    file,
    needless
      .map(({ one, verdict, details }) => `${verdict} ${one.name} ${one.change} ${details.join(" + ")}`)
      .join("\n"),
  );
}
