import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { annotation, groupEnd, groupStart, inert } from "../../formats/workflow-command.ts";
import { asFields, fieldsOf, parseJson } from "../../formats/json.ts";
import type { Host } from "../../host.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { printLogLine } from "../../report/github-log.ts";
import { bakeActionInputs } from "../../workflow/drop-in-contract.ts";
import { failureOfBuild } from "../drop-in/failure-of-build.ts";
import { giveDockerExtras } from "../drop-in/give-docker-extras.ts";
import { givenInputs } from "../drop-in/given-inputs.ts";
import { makeStepBuild } from "../drop-in/step-build.ts";
import { type DropInStep, runStep } from "../drop-in/step.ts";
import type { Runner } from "../runner.ts";
import { prepareBake, type PreparedBake } from "./prepare.ts";

/** Runs the step `bake` once, and gives the exit code. */
export function runBake(host: Host, openRunner: (ci: CiRun) => Runner): Promise<number> {
  return runStep(host, openRunner, bake);
}

async function bake(step: DropInStep): Promise<number> {
  const { host, runner, run, folder } = step;
  const file = join(folder, "metadata.json");
  const prepared = await prepareBake(host, run.ci, file);
  const { argv, cwd, env, inputs } = prepared;
  printDefinition(host, prepared);
  const build = makeStepBuild(host, env);
  const startedAt = new Date(Date.parse(host.now()));
  const { exitCode } = await build.run(argv, { cwd, env: {} });
  const metadata = asFields(parseJson(await readFile(file, "utf8").catch(() => "")));
  if (metadata !== undefined) runner.setOutput("metadata", JSON.stringify(metadata, null, 2));
  await giveDockerExtras(step, {
    ...prepared,
    call: inputs.call,
    builderName: inputs.builder,
    metadata: [metadata, ...Object.values(metadata ?? {}).map(fieldsOf)],
    summaryInputs: summaryInputs(prepared),
    bakeDefinition: prepared.printed,
    startedAt,
  });
  if (exitCode === 0) return 0;
  printLogLine(host, annotation("error", failureOfBuild("bake", inputs.call, build.ended())));
  return 1;
}

function printDefinition(host: Host, { printed }: PreparedBake): void {
  printLogLine(host, groupStart("Bake definition"));
  for (const line of printed.split("\n")) printLogLine(host, inert(line));
  printLogLine(host, groupEnd);
}

/** The inputs that were given, for docker's part of the summary; no token. */
function summaryInputs({ inputs }: PreparedBake): Readonly<Record<string, unknown>> {
  const names = Object.keys(bakeActionInputs).filter((name) => name !== "github-token");
  const source = inputs.source.kind === "address" ? inputs.source.url : inputs.source.path;
  return givenInputs(names, { ...inputs, source });
}
