import { parse } from "yaml";
import type { ActRun } from "./run.ts";

/** Seconds of the longest way through a run's jobs: what it takes with a runner for each of them. */
export function criticalPath(workflow: string, { jobs }: Pick<ActRun, "jobs">): number {
  const written = (parse(workflow) as { jobs: Readonly<Record<string, { needs?: readonly string[] }>> }).jobs;
  const ends = new Map<string, number>();
  const endOf = (id: string): number => {
    const known = ends.get(id);
    if (known !== undefined) return known;
    const longest = Math.max(0, ...jobs.filter((job) => job.id === id).map(({ seconds }) => seconds));
    const end = longest + Math.max(0, ...(written[id]?.needs ?? []).map(endOf));
    ends.set(id, end);
    return end;
  };
  return Math.max(0, ...Object.keys(written).map(endOf));
}
