import { parse } from "yaml";

/** Every label that a workflow's jobs ask for, also those that its plan job puts into a matrix (`with: runners`, as JSON). */
export function runnerLabels(workflow: string): readonly string[] {
  const { jobs } = parse(workflow) as { jobs: Readonly<Record<string, JobText>> };
  const written = Object.values(jobs).flatMap((job) => [job["runs-on"] ?? []].flat());
  const inMatrix = Object.values(jobs)
    .flatMap(({ steps = [] }) => steps)
    .flatMap((step) => (step.with?.["runners"] === undefined ? [] : [JSON.parse(step.with["runners"]) as RunnerMap]))
    .flatMap((runners) => Object.values(runners).flat());
  return [...new Set([...written, ...inMatrix])].filter((label) => !label.includes("${{"));
}

/** A job that calls another workflow has neither. */
interface JobText {
  readonly "runs-on"?: string | readonly string[];
  readonly steps?: readonly { readonly with?: Readonly<Record<string, string>> }[];
}

type RunnerMap = Readonly<Record<string, string | readonly string[]>>;
