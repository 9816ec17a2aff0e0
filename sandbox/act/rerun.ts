import { parseDocument } from "yaml";
import type { ActJob } from "./log.ts";
import type { ActRun } from "./run.ts";

/**
 * The workflow as "Re-run failed jobs" leaves it: jobs that succeeded are not run again but keep their outputs, and of a
 * matrix only the legs that failed are there. act runs a job only with all that it needs, so that each finished one becomes
 * a job that says its outputs again.
 */
export function withoutFinished(workflow: string, run: Pick<ActRun, "jobs">): string {
  const document = parseDocument(workflow);
  const jobs = (document.toJS() as { jobs: Readonly<Record<string, JobText>> }).jobs;
  for (const [id, job] of Object.entries(jobs)) {
    const legs = run.jobs.filter((each) => each.id === id);
    const isWhole = legs.length > 0 && legs.every(({ result }) => result === "success");
    if (!isWhole || job.strategy !== undefined) continue;
    const outputs = job.outputs === undefined ? {} : restate(job.outputs, legs, run.jobs);
    document.setIn(["jobs", id], {
      "runs-on": job["runs-on"],
      outputs: Object.fromEntries(Object.keys(outputs).map((name) => [name, `\${{ steps.again.outputs.${name} }}`])),
      steps: [sayAgain(outputs)],
    });
  }
  return document.toString();
}

interface JobText {
  readonly "runs-on": string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: unknown;
}

/** The outputs as they were; matrices without the legs that succeeded. */
function restate(
  outputs: Readonly<Record<string, string>>,
  [job]: readonly ActJob[],
  all: readonly ActJob[],
): Record<string, string> {
  const finished = all.filter(({ matrix, result }) => Object.keys(matrix).length > 0 && result === "success");
  const isFinished = (entry: Readonly<Record<string, unknown>>): boolean =>
    finished.some(({ matrix }) => matrix["service"] === entry["service"] && matrix["platform"] === entry["platform"]);
  return Object.fromEntries(
    Object.keys(outputs).map((name) => {
      const value = job?.outputs[name] ?? "";
      if (!name.startsWith("matrix")) return [name, value];
      const entries = JSON.parse(value) as Readonly<Record<string, unknown>>[];
      return [name, JSON.stringify(entries.filter((entry) => !isFinished(entry)))];
    }),
  );
}

function sayAgain(outputs: Readonly<Record<string, string>>): object {
  const variable = (name: string): string => `OUT_${name.replaceAll("-", "_")}`;
  return {
    id: "again",
    name: "Say again what the first attempt said",
    env: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [variable(name), value])),
    run: Object.keys(outputs)
      .map((name) => `echo "${name}=$${variable(name)}" >> "$GITHUB_OUTPUT"\n`)
      .join(""),
  };
}
