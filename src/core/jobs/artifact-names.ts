import { largest } from "../../model/lists.ts";
import { platformSlug } from "../../model/platform.ts";
import type { MatrixEntry } from "../planning/parts.ts";

/** The name of the artifact that holds the run plan. Artifacts are immutable, so each attempt of a run writes its own. */
export function planArtifactName(attempt: number): string {
  return `slipway-plan-${attempt}`;
}

/** The name of the artifact that holds one part. */
export function partArtifactName({ service, platform }: MatrixEntry, attempt: number): string {
  return `slipway-build-${service}-${platformSlug(platform)}-${attempt}`;
}

/**
 * The newest run plan and the newest part of each entry among a run's artifact names. A re-run of failed jobs writes only their parts
 * again, so parts may come from several attempts. `attempt`: the current one; ignores artifacts of later attempts, because the workflow did
 * not write them (any job of the run can upload an artifact).
 */
export function newestArtifacts(
  names: readonly string[],
  entries: readonly MatrixEntry[],
  attempt: number,
): { readonly plan: string | undefined; readonly parts: readonly string[] } {
  return {
    plan: newest(names, attempt, planArtifactName),
    parts: entries.flatMap((entry) => newest(names, attempt, (each) => partArtifactName(entry, each)) ?? []),
  };
}

function newest(names: readonly string[], last: number, nameOf: (attempt: number) => string): string | undefined {
  const attempts = names.flatMap((name) => {
    const attempt = Number(/-([1-9][0-9]*)$/.exec(name)?.[1] ?? Number.NaN);
    return Number.isInteger(attempt) && attempt <= last && nameOf(attempt) === name ? [attempt] : [];
  });
  return attempts.length === 0 ? undefined : nameOf(largest(attempts));
}
