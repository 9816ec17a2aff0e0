// Held beside docker/build-push-action itself where it is at hand: SLIPWAY_BUILD_PUSH_ACTION is a working tree or a git directory of it, and
// with SLIPWAY_KEEP_FACTS=1 what it does is written into the table that other runs compare with. SLIPWAY_STEP_ROWS: how many rows of each
// builder, `all`, or their names with `|` between them; a row takes some three seconds. The nightly form runs all.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SandboxBuilder, startBuilder, whyNoBuilder } from "../../../sandbox/index.ts";
import { sandbox } from "../../e2e/rig.ts";
import { canRun } from "../rig.ts";
import { type ImageShape, readShapes } from "./image-shape.ts";
import { type FactsBuilder, keepFacts, readKeptFacts, type RowFacts } from "./kept-facts.ts";
import { buildsAgain, type StepRow, stepRowsOn } from "./rows.ts";
import { dockersActions, openStepScene, type StepEnd, type StepScene } from "./step-scene.ts";

const action = dockersActions["build-push"];
const isNightly = process.env["SLIPWAY_NIGHTLY"] === "1";
const asked = process.env["SLIPWAY_STEP_ROWS"] ?? (action === undefined && !isNightly ? "4" : "all");

interface Seen extends RowFacts {
  readonly ends: Readonly<Record<string, string>>;
}

const unseen: Seen = { outcome: "none", outputs: [], images: {}, ends: {} };

describe.each<FactsBuilder>(["docker", "container"])("the step build-push in a workflow, builder: %s", (kind) => {
  const whyNot = !canRun ? "there is no engine" : kind === "docker" ? undefined : whyNoBuilder(sandbox(), kind);
  const rows = chooseRows(stepRowsOn(kind), asked);
  let scene: StepScene | undefined;
  let builder: SandboxBuilder | undefined;
  const dockers = new Map<string, RowFacts>(Object.entries(readKeptFacts(kind)));
  const first = new Map<string, Seen>();
  const second = new Map<string, Seen>();

  beforeAll(async () => {
    if (whyNot !== undefined) return;
    scene = await openStepScene();
    if (kind === "container") builder = await startBuilder(sandbox(), { name: `steps-${process.pid}`, kind });
    const options = { env: { ...builder?.env } };
    const by = action === undefined ? (["ours"] as const) : (["dockers", "ours"] as const);
    const uses = rows.flatMap((row) => by.map((each) => ({ by: each, row })));
    const began = await scene.run(uses, options);
    for (const [index, use] of uses.entries()) {
      const seen = see(began.ends[index], await readShapes(scene.image(use)));
      (use.by === "ours" ? first : dockers).set(use.row.name, seen);
    }
    const again = await scene.run(
      rows.map((row) => ({ by: "ours", row })),
      options,
    );
    for (const [index, row] of rows.entries()) {
      second.set(row.name, see(again.ends[index], await readShapes(scene.image({ by: "ours", row }))));
    }
    if (action !== undefined && process.env["SLIPWAY_KEEP_FACTS"] === "1") {
      keepFacts(kind, Object.fromEntries(rows.map(({ name }) => [name, withoutValues(dockers.get(name))])));
    }
  }, 3_600_000);
  afterAll(async () => {
    await scene?.close();
    await builder?.close();
  });

  test.skipIf(whyNot !== undefined).each(rows)(
    "does what docker's action does, and a second run reuses it or says why not: $name",
    (row) => {
      const { ends, ...ours } = first.get(row.name) ?? unseen;
      const facts = withoutValues(dockers.get(row.name));
      expect(ours).toEqual(facts);
      expect(ends["reused"]).toBe("false");
      const { ends: endsAgain, ...again } = second.get(row.name) ?? unseen;
      expect(again).toEqual(facts);
      expect(endsAgain["reused"], endsAgain["because"]).toBe(String(row.second === "reused"));
      if (row.second !== "reused") return expect(endsAgain["because"]).toMatch(buildsAgain[row.second]);
      expect(endsAgain["fingerprint"]).toBe(ends["fingerprint"]);
      if (row.isReportedElsewhere === true) return expect(endsAgain["digest"]).not.toBe(ends["digest"]);
      expect(endsAgain["digest"]).toBe(ends["digest"]);
      expect(endsAgain["imageid"]).toBe(ends["imageid"]);
    },
  );
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
function chooseRows(all: readonly StepRow[], wanted: string): readonly StepRow[] {
  if (wanted === "all") return all;
  const count = Number(wanted);
  if (!Number.isInteger(count)) return all.filter(({ name }) => wanted.split("|").includes(name));
  const step = Math.max(1, Math.floor(all.length / count));
  const start = Math.floor(Date.now() / 86_400_000) % step;
  return all.filter((_, index) => index % step === start).slice(0, count);
}
