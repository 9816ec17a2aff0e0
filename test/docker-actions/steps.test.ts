import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { bakeRows } from "./bake-rows.ts";
import { buildPushRows } from "./build-push-rows.ts";
import bakeFacts from "./facts/bake.json" with { type: "json" };
import buildPushFacts from "./facts/build-push.json" with { type: "json" };
import type { ActionRow, InputDefaults } from "./action-row.ts";
import { type ActionFacts, runRecorded } from "./run-recorded.ts";

/** Rows in which a step does something else than build well; all the others are in the tests of its arguments. */
const names = [
  "secrets",
  "call finds something",
  "very old buildx",
  "a build that fails",
  "call finds one",
  "no token",
];

interface Case {
  readonly step: "build-push" | "bake";
  readonly row: ActionRow;
  readonly defaults: InputDefaults;
  readonly facts: ActionFacts | undefined;
}

function casesOf(
  step: Case["step"],
  rows: readonly ActionRow[],
  { inputs, rows: facts }: { readonly inputs: InputDefaults; readonly rows: Readonly<Record<string, ActionFacts>> },
): (Case & { name: string })[] {
  const chosen = rows.filter(({ name }) => names.includes(name));
  return chosen.map((row) => ({ step, name: row.name, row, defaults: inputs, facts: facts[row.name] }));
}

const run = ({ step, row, defaults }: Case): Promise<ActionFacts> => {
  const main = resolve(import.meta.dirname, "../../src/action", step, "main.ts");
  return runRecorded(main, { ...row, env: { ...row.env, SLIPWAY_REUSE: "off" } }, defaults);
};

describe("a step, run as a program where nothing is reused,", () => {
  test.each([...casesOf("build-push", buildPushRows, buildPushFacts), ...casesOf("bake", bakeRows, bakeFacts)])(
    "does what docker's action does: $step, $name",
    async (each) => {
      const { outputs, masked, ...rest } = await run(each);
      const { reused, because, fingerprint, ...dockers } = outputs;
      expect({ ...rest, outputs: dockers, masked: new Set(masked) }).toEqual({
        ...each.facts,
        masked: new Set(each.facts?.masked),
      });
      if (each.step === "build-push") expect({ reused, fingerprint }).toEqual({ reused: "false", fingerprint: "" });
      expect(because ?? "").not.toContain("\n");
    },
  );

  test("fails where buildx fails without a word, which docker's action takes for success", async () => {
    const [each] = buildPushRows.filter(({ name }) => name === "a build that fails without a word");
    if (each === undefined) throw new Error("the row is gone");
    const ended = await run({ step: "build-push", row: each, defaults: buildPushFacts.inputs, facts: undefined });
    expect(ended).toMatchObject({ exitCode: 1, error: "buildx failed with: exit code 1" });
  });
});
