import type { InputChange } from "../model/inputs.ts";

/** Values of a run by which build args are recognized that change in every run. */
export interface RunValues {
  readonly commit: string | undefined;
  readonly id: string | undefined;
  /** Current time: ISO 8601. */
  readonly now: string;
}

/** Returns the changed build args that contain the run's commit, id or time. They prevent reuse in every run. */
export function spoilingArgs(
  changes: readonly InputChange[],
  args: Readonly<Record<string, string>>,
  run: RunValues,
): string[] {
  const changed = changes.filter(({ what, change }) => what === "arg" && change !== "removed");
  return changed.map(({ name }) => name).filter((name) => isOfRun(args[name] ?? "", run));
}

/** Whether a value contains the run's commit, id or time. */
export function isOfRun(value: string, { commit, id, now }: RunValues): boolean {
  if (commit !== undefined && commit.length >= 7 && value.includes(commit.slice(0, 7))) return true;
  if (id !== undefined && id.length >= 4 && value.includes(id)) return true;
  const day = now.slice(0, 10);
  if (value.includes(day) || value.includes(day.replaceAll("-", ""))) return true;
  const seconds = /^\d{10}$/.test(value) ? Number(value) : Number.NaN;
  return Math.abs(Date.parse(now) / 1000 - seconds) < dayInSeconds;
}

const dayInSeconds = 86_400;
