import { describe, expect, test } from "vitest";
import { prepareBuildPush } from "../../src/action/build-push/prepare.ts";
import { errorMessage } from "../../src/errors.ts";
import { makeRun } from "../../src/github/run.ts";
import { buildPushActionInputs, buildPushOutputs } from "../../src/workflow/drop-in-contract.ts";
import { makeRowHost } from "./answer-docker.ts";
import { buildPushRows } from "./build-push-rows.ts";
import { actionEvents } from "./events.ts";
import facts from "./facts/build-push.json" with { type: "json" };
import type { ActionRow } from "./action-row.ts";
import { type ActionFacts, rowFiles } from "./run-recorded.ts";

const recorded: Readonly<Record<string, ActionFacts>> = facts.rows;

/** Where we say something else on purpose. */
const ownWords: Readonly<Record<string, string>> = {
  "no such builder": 'looking for a builder: there is none named "gone"',
  "no buildx": "Docker buildx is required.",
};

/** Call of buildx that the step would make, in the form of the table of facts. */
async function prepare(
  row: ActionRow,
): Promise<Pick<ActionFacts, "masked" | "warnings" | "error"> & { argv: unknown }> {
  const host = makeRowHost(row, facts.inputs);
  const { ci } = makeRun(host.env, actionEvents[row.event ?? "push"].payload);
  const files = {
    imageId: "{iidfile}",
    metadata: "{metadata-file}",
    secret: (index: number) => `/secret-${index}`,
    isThere: (path: string) => path.replace("./", "") in rowFiles,
  };
  try {
    const { argv, secrets, warnings } = await prepareBuildPush(host, ci, files);
    const content = new Map(secrets.map(({ path, value }) => [`src=${path}`, `src={a file with: ${value}}`]));
    const shown = argv.map((arg) => arg.replace(/src=\/.*$/, (source) => content.get(source) ?? source));
    return { argv: shown, masked: secrets.map(({ value }) => value), warnings, error: null };
  } catch (error) {
    return { argv: undefined, masked: [], warnings: [], error: errorMessage(error) };
  }
}

describe("the step build-push", () => {
  test("has the inputs and the outputs of docker's action, with its defaults", () => {
    const defaults = Object.entries(buildPushActionInputs).map(([name, { fallback }]) => [name, fallback]);
    expect(Object.fromEntries(defaults)).toEqual(facts.inputs);
    expect(Object.keys(buildPushOutputs)).toEqual(expect.arrayContaining(facts.outputs));
  });

  test("has a row of facts for each combination", () => {
    expect(Object.keys(recorded)).toEqual(buildPushRows.map(({ name }) => name));
  });

  test.each(buildPushRows)("hands to buildx what docker's action does: $name", async (row) => {
    const [call] = recorded[row.name]?.calls ?? [];
    const { argv, masked, warnings, error } = await prepare(row);
    expect(argv).toEqual(call?.argv);
    if (call === undefined) return expect(error).toBe(ownWords[row.name] ?? recorded[row.name]?.error);
    expect(new Set(masked)).toEqual(new Set(recorded[row.name]?.masked));
    expect(warnings).toEqual(recorded[row.name]?.warnings);
  });
});
