import type { Reason } from "../../model/plan.ts";
import type { ReleasedWork, WorkReason } from "../../model/release.ts";
import { excerpt } from "../../model/excerpt.ts";
import { explainReason } from "../../plan/explain.ts";
import type { ServiceResult } from "../building/service-result.ts";

/** Why a service was built or reused, what its builds took, and what the reused images took when they were built. */
export function describeWork({ reason, platforms }: Pick<ServiceResult, "reason" | "platforms">): ReleasedWork {
  const solves = platforms.flatMap(({ solve }) => solve ?? []);
  const reused = platforms.flatMap(({ solve, published }) => (solve === undefined && published ? [published] : []));
  const measured = reused.flatMap(({ buildSeconds }) => buildSeconds ?? []);
  const all = sum(solves.map(({ cachedVertices, ranVertices }) => cachedVertices + ranVertices));
  return {
    reason: reason === undefined ? null : describeReason(reason),
    builderSeconds: solves.length === 0 ? null : sum(solves.map(({ seconds }) => seconds)),
    savedSeconds: reused.length === 0 || measured.length < reused.length ? null : sum(measured),
    vertices: all === 0 ? null : { all, cached: sum(solves.map(({ cachedVertices }) => cachedVertices)) },
  };
}

/** The same for a service that nothing changes: its images took what the work of the release before says of them. */
export function describeReuse(before: ReleasedWork | undefined): ReleasedWork {
  const { builderSeconds = null, savedSeconds = null } = before ?? {};
  const known = [builderSeconds, savedSeconds].flatMap((seconds) => seconds ?? []);
  return {
    reason: describeReason({ kind: "unchanged" }),
    builderSeconds: null,
    savedSeconds: known.length === 0 ? null : sum(known),
    vertices: null,
  };
}

/** Limits of a record, which is read whole by every command. */
const mostCauses = 20;
const mostCharacters = 300;

function describeReason(reason: Reason): WorkReason {
  const causes = causesOf(reason)
    .slice(0, mostCauses)
    .map(({ what, name }) => ({ what, name: excerpt(name, mostCharacters) }));
  return { kind: reason.kind, text: excerpt(explainReason(reason), mostCharacters), causes };
}

/** What changed. Instructions, args and bases come before files, of which there can be thousands. */
function causesOf(reason: Reason): { readonly what: string; readonly name: string }[] {
  switch (reason.kind) {
    case "inputs-changed":
      return reason.changes.toSorted((left, right) => Number(left.what === "file") - Number(right.what === "file"));
    case "base-moved":
      return reason.bases.map((name) => ({ what: "base", name }));
    case "platform-missing":
      return reason.platforms.map((name) => ({ what: "platform", name }));
    case "unchanged":
    case "no-image":
    case "counted-anew":
    case "may-not-look-up":
    case "waits":
    case "volatile":
    case "forced":
    case "too-old":
    case "not-whole":
      return [];
  }
}

/** To a tenth of a second: more says nothing. */
function sum(numbers: readonly number[]): number {
  return Math.round(numbers.reduce((total, each) => total + each, 0) * 10) / 10;
}
