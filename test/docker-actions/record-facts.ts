// Records what docker's actions do for the rows, as tables of facts that our own are compared with. Run by hand where the actions are
// at hand: `node test/docker-actions/record-facts.ts FOLDER…`, each a working tree or a git directory of docker/build-push-action or
// docker/bake-action.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { bakeRows } from "./bake-rows.ts";
import { buildPushRows } from "./build-push-rows.ts";
import type { ActionRow } from "./action-row.ts";
import { type ActionFacts, runRecorded } from "./run-recorded.ts";

const actions: Readonly<Record<string, { readonly file: string; readonly rows: readonly ActionRow[] }>> = {
  "Build and push Docker images": { file: "build-push", rows: buildPushRows },
  "Docker Buildx Bake": { file: "bake", rows: bakeRows },
};

for (const folder of process.argv.slice(2)) await recordFacts(folder);

async function recordFacts(folder: string): Promise<void> {
  const text = (path: string): string => git(folder, ["show", `HEAD:${path}`]);
  const described = parse(text("action.yml")) as Described;
  const known = actions[described.name];
  if (known === undefined) throw new Error(`${folder} is "${described.name}", which there are no rows for`);
  const place = mkdtempSync(join(tmpdir(), "slipway-facts-"));
  const main = join(place, "index.cjs");
  writeFileSync(main, text(described.runs.main));
  const inputs = Object.fromEntries(Object.entries(described.inputs).map(([name, each]) => [name, each.default ?? ""]));
  const rows: Record<string, ActionFacts> = {};
  for (const row of known.rows) rows[row.name] = await runRecorded(main, row, inputs);
  rmSync(place, { recursive: true });
  const facts = {
    version: git(folder, ["log", "-1", "--format=%H %cs"]).trim(),
    inputs,
    outputs: Object.keys(described.outputs),
    rows,
  };
  writeFileSync(resolve(import.meta.dirname, "facts", `${known.file}.json`), `${JSON.stringify(facts, null, 2)}\n`);
}

function git(folder: string, args: readonly string[]): string {
  const place = existsSync(join(folder, ".git")) ? ["-C", folder] : [`--git-dir=${folder}`];
  return execFileSync("git", [...place, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
}

/** Inputs and outputs of an `action.yml`. */
interface Described {
  readonly name: string;
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, object>>;
  readonly runs: { readonly main: string };
}
