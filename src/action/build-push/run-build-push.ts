import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { DropInRequest, DropInResult } from "../../core/drop-in/request.ts";
import { runDropIn } from "../../core/drop-in/run-drop-in.ts";
import type { Host } from "../../host.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { annotation } from "../../formats/workflow-command.ts";
import { printLogLine } from "../../report/github-log.ts";
import { isBuildxSince } from "../drop-in/buildx-facts.ts";
import { giveDockerExtras } from "../drop-in/give-docker-extras.ts";
import { failureOfBuild } from "../drop-in/failure-of-build.ts";
import { readReports, setImageOutputs } from "../drop-in/step-outputs.ts";
import { type DropInStep, runStep } from "../drop-in/step.ts";
import { type EndedBuild, makeStepBuild, type StepBuild } from "../drop-in/step-build.ts";
import { renderDropInSummary } from "../drop-in/step-summary.ts";
import { warnOfSpoilers } from "../drop-in/warn-of-spoilers.ts";
import type { Runner } from "../runner.ts";
import type { BuildFiles } from "./arguments.ts";
import { prepareBuildPush, type PreparedBuildPush } from "./prepare.ts";
import { summaryInputs } from "./summary-inputs.ts";

/** Runs the step `build-push` once, and returns the exit code. */
export function runBuildPush(host: Host, openRunner: (ci: CiRun) => Runner): Promise<number> {
  return runStep(host, openRunner, buildPush);
}

async function buildPush(step: DropInStep): Promise<number> {
  const { host, runner, run, options } = step;
  const files = filesIn(step.folder, host.cwd);
  const prepared = await prepareBuildPush(host, run.ci, files);
  for (const message of prepared.warnings) printLogLine(host, annotation("warning", message));
  for (const { path, value } of prepared.secrets) {
    runner.mask(value);
    await writeFile(path, value, { mode: 0o600 });
  }
  const build = makeStepBuild(host);
  const startedAt = new Date(Date.parse(host.now()));
  const argv = prepared.argv.slice(1);
  const request = { argv, cwd: host.cwd, options };
  const result = isBuildxSince(prepared.buildx, "0.6.0")
    ? await runDropIn({ ...step, runBuild: build.run }, request)
    : await buildWithOldBuildx(build, request);
  const ended = build.ended();
  const reports = await readReports(files, result);
  setImageOutputs(runner, reports);
  setReuseOutputs(runner, result);
  warnOfSpoilers(host, [result]);
  if (ended !== undefined) {
    await giveDockerExtras(step, {
      ...prepared,
      call: prepared.inputs.call,
      builderName: prepared.inputs.builder,
      metadata: [reports.metadata],
      summaryInputs: summaryInputs(prepared.inputs),
      bakeDefinition: undefined,
      startedAt,
    });
  }
  await runner.addSummary(summaryOf(step, prepared, result, ended));
  if (result.exitCode === 0) return 0;
  const fault = failureOfBuild("build", prepared.inputs.call, ended);
  printLogLine(host, annotation("error", fault));
  return 1;
}

/** Builds with a buildx that is too old to report what it built. */
async function buildWithOldBuildx(
  build: StepBuild,
  { argv, cwd }: Pick<DropInRequest, "argv" | "cwd">,
): Promise<DropInResult> {
  const { exitCode } = await build.run(["build", ...argv], { cwd, env: {} });
  const because = "buildx is older than 0.6";
  const nothing = { fingerprint: null, imageId: undefined, digest: undefined, savedSeconds: null };
  return { kind: "built", because, ...nothing, metadata: {}, exitCode, spoiledBy: [], pending: null };
}

/** Returns paths of the build's files in the step's folder. Paths in the workflow are relative to the workspace. */
function filesIn(folder: string, cwd: string): BuildFiles {
  return {
    imageId: join(folder, "image-id"),
    metadata: join(folder, "metadata.json"),
    secret: (index) => join(folder, `secret-${index}`),
    isThere: (path) => existsSync(resolve(cwd, path)),
  };
}

function setReuseOutputs(runner: Runner, { kind, because, fingerprint }: DropInResult): void {
  runner.setOutput("reused", String(kind === "reused"));
  runner.setOutput("because", because);
  runner.setOutput("fingerprint", fingerprint ?? "");
}

function summaryOf(
  { options, firstTags }: DropInStep,
  { inputs }: PreparedBuildPush,
  result: DropInResult,
  ended: EndedBuild | undefined,
): string {
  const name = inputs.tags[0] ?? inputs.target;
  const images = [{ name: name === "" ? inputs.context : name, result, seconds: ended?.seconds }];
  return renderDropInSummary({ reuse: options.reuse, images, firstTags });
}
