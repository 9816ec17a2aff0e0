import { platformSlug } from "../model/platform.ts";
import type { MatrixEntry } from "./parts.ts";

/** The name of the artifact that holds the run plan. An artifact never changes, so each attempt of a run has its own. */
export function planArtifactName(attempt: number): string {
  return `slipway-plan-${attempt}`;
}

/** The name of the artifact that holds one part. */
export function partArtifactName({ service, platform }: MatrixEntry, attempt: number): string {
  return `slipway-build-${service}-${platformSlug(platform)}-${attempt}`;
}

/** Of a run's artifacts, the newest run plan and the newest of each of these parts: a re-run of failed jobs makes only theirs anew. */
export function newestArtifacts(
  names: readonly string[],
  entries: readonly MatrixEntry[],
): { readonly plan: string | undefined; readonly parts: readonly string[] } {
  return {
    plan: newest(names, planArtifactName),
    parts: entries.flatMap((entry) => newest(names, (attempt) => partArtifactName(entry, attempt)) ?? []),
  };
}

function newest(names: readonly string[], nameOf: (attempt: number) => string): string | undefined {
  const attempts = names.flatMap((name) => {
    const attempt = Number(/-([1-9][0-9]*)$/.exec(name)?.[1] ?? Number.NaN);
    return Number.isInteger(attempt) && nameOf(attempt) === name ? [attempt] : [];
  });
  return attempts.length === 0 ? undefined : nameOf(Math.max(...attempts));
}
