import type { Unknown } from "../expressions/evaluated.ts";
import type { EventCall, EventJob, EventStep } from "../workflow/events/event-job.ts";
import { evaluateWorkflow } from "../workflow/events/evaluate-workflow.ts";
import type { PublishEvent } from "../workflow/events/publish-event.ts";
import { asShellText } from "../workflow/events/shell-values.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import type { Certainty } from "./image-command.ts";
import type { Link } from "./publisher.ts";
import type { SourceFile } from "./source-file.ts";
import type { JobRun, StepRun } from "./step-run.ts";

/** Returns the parsed file with the places of its values. */
export type FindSource = (file: string) => SourceFile | undefined;

/** Returns the jobs that a workflow runs, or may run, on an event. */
export function eventRuns(
  file: string,
  event: PublishEvent,
  { files, sourceOf }: { readonly files: WorkflowFiles; readonly sourceOf: FindSource },
): readonly JobRun[] {
  const { starts, jobs } = evaluateWorkflow(file, event, files);
  return jobs.flatMap((job) => asJobRun(job, starts, sourceOf) ?? []);
}

function asJobRun(job: EventJob, starts: boolean | Unknown, sourceOf: FindSource): JobRun | undefined {
  const source = sourceOf(job.file);
  if (source === undefined) return undefined;
  const { id, value, path } = job;
  return {
    workflow: job.via[0]?.from.file ?? job.file,
    id,
    value,
    source,
    path,
    via: linksOf(job.via, sourceOf),
    starts: perhapsOf(starts),
    runs: perhapsOf(job.runs),
    steps: job.steps.flatMap((step) => asStepRun(step, sourceOf) ?? []),
  };
}

function asStepRun(step: EventStep, sourceOf: FindSource): StepRun | undefined {
  const source = sourceOf(step.file);
  if (source === undefined) return undefined;
  const { path, value, via, runs, env, fill, folder } = step;
  const own = [...env].map(([name, each]) => [name, asShellText(each)] as const);
  const runner = runnerVariables.map(([name, written]) => [name, asShellText(fill(written))] as const);
  return {
    source,
    path,
    value,
    via: linksOf(via, sourceOf),
    runs: perhapsOf(runs),
    env: new Map([...runner, ...own]),
    fill: (text) => asShellText(fill(text)),
    folder: asShellText(folder),
  };
}

/** Variables that the runner sets for every script. Source: GitHub's "Default environment variables". */
const runnerVariables = (
  [
    "ref",
    "ref_name",
    "ref_type",
    "sha",
    "repository",
    "repository_owner",
    "event_name",
    "head_ref",
    "base_ref",
  ] as const
).map((name) => [`GITHUB_${name.toUpperCase()}`, `\${{ github.${name} }}`] as const);

function linksOf(calls: readonly EventCall[], sourceOf: FindSource): readonly Link[] {
  return calls.map(({ kind, file, from }) => {
    const place = sourceOf(from.file)?.placeOf(from.path) ?? { file: from.file, line: 1, column: 1 };
    return { kind, name: file, from: place };
  });
}

function perhapsOf(runs: boolean | Unknown): Certainty {
  return typeof runs === "boolean" ? runs : { because: runs.because };
}
