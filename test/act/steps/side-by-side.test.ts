// Held beside docker/build-push-action itself where it is at hand: SLIPWAY_BUILD_PUSH_ACTION is a working tree or a git directory of it, and
// with SLIPWAY_KEEP_FACTS=1 what it does is written into the table that other runs compare with. SLIPWAY_STEP_ROWS: how many rows, `all`, or
// their names with `|` between them; a row takes some ten seconds.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canRun } from "../rig.ts";
import { type ImageShape, readShapes } from "./image-shape.ts";
import { keepFacts, readKeptFacts, type RowFacts } from "./kept-facts.ts";
import { buildsAgain, type StepRow, stepRows } from "./rows.ts";
import { dockersActions, openStepScene, type StepEnd, type StepScene } from "./step-scene.ts";

const action = dockersActions["build-push"];
const rows = chooseRows(process.env["SLIPWAY_STEP_ROWS"] ?? (action === undefined ? "4" : "all"));

interface Seen extends RowFacts {
  readonly ends: Readonly<Record<string, string>>;
}

const unseen: Seen = { outcome: "none", outputs: [], images: {}, ends: {} };

describe.skipIf(!canRun)("the step build-push in a workflow", () => {
  let scene: StepScene | undefined;
  const dockers = new Map<string, RowFacts>(Object.entries(readKeptFacts()));
  const first = new Map<string, Seen>();
  const second = new Map<string, Seen>();

  beforeAll(async () => {
    scene = await openStepScene();
    const by = action === undefined ? (["ours"] as const) : (["dockers", "ours"] as const);
    const uses = rows.flatMap((row) => by.map((each) => ({ by: each, row })));
    const began = await scene.run(uses);
    for (const [index, use] of uses.entries()) {
      const seen = see(began.ends[index], await readShapes(scene.image(use)));
      (use.by === "ours" ? first : dockers).set(use.row.name, seen);
    }
    const again = await scene.run(rows.map((row) => ({ by: "ours", row })));
    for (const [index, row] of rows.entries()) {
      second.set(row.name, see(again.ends[index], await readShapes(scene.image({ by: "ours", row }))));
    }
    if (action !== undefined && process.env["SLIPWAY_KEEP_FACTS"] === "1") {
      keepFacts(Object.fromEntries(rows.map(({ name }) => [name, withoutValues(dockers.get(name))])));
    }
  }, 3_600_000);
  afterAll(() => scene?.close());

  test.each(rows)("does what docker's action does, and a second run reuses it or says why not: $name", (row) => {
    const { ends, ...ours } = first.get(row.name) ?? unseen;
    const facts = withoutValues(dockers.get(row.name));
    expect(ours).toEqual(facts);
    expect(ends["reused"]).toBe("false");
    const { ends: endsAgain, ...again } = second.get(row.name) ?? unseen;
    expect(again).toEqual(facts);
    expect(endsAgain["reused"], endsAgain["because"]).toBe(String(row.second === "reused"));
    if (row.second !== "reused") return expect(endsAgain["because"]).toMatch(buildsAgain[row.second]);
    expect(endsAgain["digest"]).toBe(ends["digest"]);
    expect(endsAgain["imageid"]).toBe(ends["imageid"]);
    expect(endsAgain["fingerprint"]).toBe(ends["fingerprint"]);
  });
});

function see(end: StepEnd | undefined, images: Readonly<Record<string, ImageShape>>): Seen {
  const ends = end?.outputs ?? {};
  const own = new Set(["reused", "because", "fingerprint"]);
  const outputs = Object.keys(ends).filter((name) => !own.has(name));
  return { outcome: end?.outcome ?? "none", outputs: outputs.sort(), images, ends };
}

function withoutValues(facts: RowFacts | undefined): RowFacts {
  if (facts === undefined) throw new Error("docker's action is not at hand, and the table has no such row");
  const { outcome, outputs, images } = facts;
  return { outcome, outputs, images };
}

/** A number: evenly spread over the table, another part of it each day. */
function chooseRows(asked: string): readonly StepRow[] {
  if (asked === "all") return stepRows;
  const count = Number(asked);
  if (!Number.isInteger(count)) return stepRows.filter(({ name }) => asked.split("|").includes(name));
  const step = Math.max(1, Math.floor(stepRows.length / count));
  const start = Math.floor(Date.now() / 86_400_000) % step;
  return stepRows.filter((_, index) => index % step === start).slice(0, count);
}
