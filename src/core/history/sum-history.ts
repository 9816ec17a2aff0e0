import type { HistoryRelease, HistoryService, HistoryTotals, KnownSum } from "../../model/history-document.ts";
import type { ReleasedWork } from "../../model/release.ts";

/** Sums what releases built, reused and saved, with the number of services of which it is not known. */
export function sumHistory(releases: readonly HistoryRelease[]): HistoryTotals {
  const services = releases.flatMap((release) => release.services);
  const of = (origin: HistoryService["origin"]): HistoryService[] => services.filter((each) => each.origin === origin);
  return {
    releases: releases.length,
    built: of("built").length,
    reused: of("reused").length,
    kept: of("kept").length,
    builderSeconds: knownSum(of("built"), ({ builderSeconds }) => builderSeconds),
    savedSeconds: knownSum(of("reused"), ({ savedSeconds }) => savedSeconds),
  };
}

function knownSum(services: readonly HistoryService[], of: (work: ReleasedWork) => number | null): KnownSum {
  const known = services.flatMap(({ work }) => (work === null ? [] : (of(work) ?? [])));
  return {
    seconds: known.length === 0 ? null : Math.round(known.reduce((sum, each) => sum + each, 0) * 10) / 10,
    known: known.length,
    unknown: services.length - known.length,
  };
}
