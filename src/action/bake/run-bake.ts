import { largest } from "../../model/lists.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BakePart, BakeResults, CallersBake } from "../../core/drop-in/bake/bake-request.ts";
import { runDropInBake } from "../../core/drop-in/bake/run-drop-in-bake.ts";
import { asFields, type Fields, fieldsOf, parseJson } from "../../formats/json.ts";
import { annotation, groupEnd, groupStart, inert } from "../../formats/workflow-command.ts";
import type { Host } from "../../host.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { printLogLine } from "../../report/github-log.ts";
import { bakeActionInputs } from "../../workflow/drop-in-contract.ts";
import { failureOfBuild } from "../drop-in/failure-of-build.ts";
import { flagEach } from "../drop-in/flags.ts";
import { giveDockerExtras } from "../drop-in/give-docker-extras.ts";
import { givenInputs } from "../drop-in/given-inputs.ts";
import { makeStepBuild, type StepBuild } from "../drop-in/step-build.ts";
import { type DropInStep, runStep } from "../drop-in/step.ts";
import { renderDropInSummary } from "../drop-in/step-summary.ts";
import { warnOfSpoilers } from "../drop-in/warn-of-spoilers.ts";
import type { Runner } from "../runner.ts";
import { parseBakeDefinition } from "./definition.ts";
import { prepareBake, type PreparedBake } from "./prepare.ts";

/** Runs the step `bake` once, and returns the exit code. */
export function runBake(host: Host, openRunner: (ci: CiRun) => Runner): Promise<number> {
  return runStep(host, openRunner, bake);
}

async function bake(step: DropInStep): Promise<number> {
  const { host, runner, run, folder } = step;
  const file = join(folder, "metadata.json");
  const prepared = await prepareBake(host, run.ci, file);
  printDefinition(host, prepared);
  const build = makeStepBuild(host, prepared.env);
  const startedAt = new Date(Date.parse(host.now()));
  const baked = await bakeTargets(step, prepared, { build, file });
  if (baked.metadata !== undefined) runner.setOutput("metadata", JSON.stringify(baked.metadata, null, 2));
  setReuseOutputs(runner, baked.results);
  warnOfSpoilers(host, [...baked.results.values()]);
  const ended = build.ended();
  if (ended !== undefined) {
    await giveDockerExtras(step, {
      ...prepared,
      call: prepared.inputs.call,
      builderName: prepared.inputs.builder,
      metadata: [baked.built, ...Object.values(baked.built ?? {}).map(fieldsOf)],
      summaryInputs: summaryInputs(prepared),
      bakeDefinition: prepared.printed,
      startedAt,
    });
  }
  const images = [...baked.results].map(([name, result]) => ({ name, result, seconds: undefined }));
  const { firstTags, options } = step;
  if (images.length > 0) await runner.addSummary(renderDropInSummary({ reuse: options.reuse, images, firstTags }));
  if (baked.exitCode === 0) return 0;
  printLogLine(host, annotation("error", failureOfBuild("bake", prepared.inputs.call, ended)));
  return 1;
}

/** Result of the targets. */
interface Baked {
  readonly exitCode: number;
  /** Metadata of built and of reused targets; undefined: there is none. */
  readonly metadata: Fields | undefined;
  /** Metadata of built targets alone, as buildx wrote it. */
  readonly built: Fields | undefined;
  /** Results by target; empty: no target was looked up. */
  readonly results: BakeResults;
}

async function bakeTargets(
  step: DropInStep,
  prepared: PreparedBake,
  { build, file }: { readonly build: StepBuild; readonly file: string },
): Promise<Baked> {
  const { argv, inputs, cwd } = prepared;
  const readBuilt = async (): Promise<Fields | undefined> =>
    asFields(parseJson(await readFile(file, "utf8").catch(() => "")));
  const runBake = async ({ targets, overrides, isWhole }: BakePart): Promise<CallersBake> => {
    const args = [...argv, ...flagEach("--set", overrides), ...(isWhole ? inputs.targets : targets)];
    const ended = await build.run(args, { cwd, env: {} });
    const built = Object.entries((await readBuilt()) ?? {}).map(([name, each]) => [name, fieldsOf(each)] as const);
    return { ...ended, metadata: Object.fromEntries(built) };
  };
  if (step.options.reuse === "off" || (inputs.call !== "" && inputs.call !== "build")) {
    const { exitCode } = await runBake({ targets: inputs.targets, overrides: [], isWhole: true });
    const built = await readBuilt();
    return { exitCode, metadata: built, built, results: new Map() };
  }
  const results = await runDropInBake(
    { ...step, runBake },
    {
      definition: parseBakeDefinition(prepared.printed),
      remote: inputs.source.kind === "address" ? inputs.source.url : undefined,
      builder: inputs.builder === "" ? undefined : inputs.builder,
      cwd,
      options: step.options,
    },
  );
  const built = await readBuilt();
  const reused = [...results].filter(([, { kind }]) => kind === "reused");
  const more = Object.fromEntries(reused.map(([name, { metadata }]) => [name, metadata]));
  const metadata = built === undefined && reused.length === 0 ? undefined : { ...built, ...more };
  return { exitCode: largest([...results.values()].map(({ exitCode }) => exitCode)), metadata, built, results };
}

function setReuseOutputs(runner: Runner, results: BakeResults): void {
  const all = [...results];
  runner.setOutput("reused", String(all.length > 0 && all.every(([, { kind }]) => kind === "reused")));
  runner.setOutput("because", JSON.stringify(Object.fromEntries(all.map(([name, { because }]) => [name, because]))));
  const prints = all.map(([name, { fingerprint }]) => [name, fingerprint]);
  runner.setOutput("fingerprint", JSON.stringify(Object.fromEntries(prints)));
}

function printDefinition(host: Host, { printed }: PreparedBake): void {
  printLogLine(host, groupStart("Bake definition"));
  for (const line of printed.split("\n")) printLogLine(host, inert(line));
  printLogLine(host, groupEnd);
}

/** Returns the inputs that are set, without the token, for docker's part of the summary. */
function summaryInputs({ inputs }: PreparedBake): Readonly<Record<string, unknown>> {
  const names = Object.keys(bakeActionInputs).filter((name) => name !== "github-token");
  const source = inputs.source.kind === "address" ? inputs.source.url : inputs.source.path;
  return givenInputs(names, { ...inputs, source });
}
