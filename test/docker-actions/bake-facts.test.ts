import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { prepareBake } from "../../src/action/bake/prepare.ts";
import { errorMessage } from "../../src/errors.ts";
import { makeRun } from "../../src/github/run.ts";
import { bakeActionInputs, bakeOutputs } from "../../src/workflow/drop-in-contract.ts";
import { makeRowHost } from "./answer-docker.ts";
import { bakeRows } from "./bake-rows.ts";
import { actionEvents } from "./events.ts";
import facts from "./facts/bake.json" with { type: "json" };
import { passedVariables } from "./row-docker.ts";
import type { ActionRow } from "./action-row.ts";
import type { ActionFacts } from "./run-recorded.ts";

const recorded: Readonly<Record<string, ActionFacts>> = facts.rows;
const workspace = mkdtempSync(join(tmpdir(), "slipway-bake-"));
mkdirSync(join(workspace, "sub"));
afterAll(() => rmSync(workspace, { recursive: true }));

/** Where we say something else on purpose. */
const ownWords: Readonly<Record<string, string>> = {
  "no such builder": 'looking for a builder: there is none named "gone"',
  "no buildx": "Docker buildx is required.",
};

/** Calls of buildx that the step makes up to and including its build, in the form of the table of facts. */
async function prepare(row: ActionRow): Promise<{ calls: unknown[]; error: string | null }> {
  const host = makeRowHost(row, facts.inputs);
  const { ci } = makeRun(host.env, actionEvents[row.event ?? "push"].payload);
  const calls: { argv: readonly string[]; env: Record<string, string> }[] = [];
  const note = (argv: readonly string[], env: Readonly<Record<string, string | undefined>>): void => {
    const passed = passedVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
    calls.push({ argv, env: Object.fromEntries(passed) });
  };
  const own: typeof host = {
    ...host,
    cwd: workspace,
    run: (program, args, options) => {
      if (args[1] === "bake") note(args.slice(1), { ...host.env, ...options?.env });
      return host.run(program, args, options);
    },
  };
  try {
    const { argv, inputs, env } = await prepareBake(own, ci, "{metadata-file}");
    note([...argv, ...inputs.targets], env);
    return { calls, error: null };
  } catch (error) {
    return { calls, error: errorMessage(error) };
  }
}

describe("the step bake", () => {
  test("has the inputs and the outputs of docker's action, with its defaults", () => {
    const defaults = Object.entries(bakeActionInputs).map(([name, { fallback }]) => [name, fallback]);
    expect(Object.fromEntries(defaults)).toEqual(facts.inputs);
    expect(Object.keys(bakeOutputs)).toEqual(expect.arrayContaining(facts.outputs));
  });

  test("has a row of facts for each combination", () => {
    expect(Object.keys(recorded)).toEqual(bakeRows.map(({ name }) => name));
  });

  test.each(bakeRows)("hands to buildx what docker's action does: $name", async (row) => {
    const { calls, error } = await prepare(row);
    expect(calls).toEqual(recorded[row.name]?.calls);
    if (row.fails === undefined) expect(error).toBe(ownWords[row.name] ?? recorded[row.name]?.error);
  });
});
