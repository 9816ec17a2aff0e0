import type { Digest } from "./digest.ts";
import type { Platform } from "./platform.ts";
import type { ReleasedWork } from "./release.ts";

/**
 * The JSON document of `slipway history`; schema: `docs/reference/history.schema.json`. In all of it, null means not known, or none where a
 * field says so, and never 0.
 */
export interface HistoryDocument {
  readonly version: 1;
  /** When it was read: ISO 8601. */
  readonly readAt: string;
  /** The newest first. */
  readonly releases: readonly HistoryRelease[];
  readonly totals: HistoryTotals;
  /** Facts that could not be read, each with the remedy. */
  readonly notes: readonly string[];
}

/** One release, with what was done for it. */
export interface HistoryRelease {
  readonly record: string;
  readonly group: string;
  /** Null: a branch's release. */
  readonly version: string | null;
  /** Null: a version's release. */
  readonly branch: string | null;
  readonly commit: string;
  readonly releasedAt: string;
  readonly run: HistoryRun | null;
  readonly services: readonly HistoryService[];
}

/** The run of GitHub Actions that made a release. Seconds are null where GitHub was not asked, or has forgotten the run. */
export interface HistoryRun {
  readonly id: string;
  readonly attempt: number;
  readonly url: string | null;
  /** Between the attempt's start and that of its first job. */
  readonly queueSeconds: number | null;
  /** Sum over its jobs: machine time. */
  readonly jobSeconds: number | null;
  /** `success`, `failure`, …; null: not known, or it has not ended. */
  readonly conclusion: string | null;
}

/** A service in a release. `work`: null: the record is of an earlier version, or the release kept the image as it was. */
export interface HistoryService {
  readonly service: string;
  readonly origin: "built" | "reused" | "kept";
  readonly digest: Digest;
  /** Wall seconds of the slowest platform; null: this release did not build it. */
  readonly buildSeconds: number | null;
  readonly work: ReleasedWork | null;
  /** Compressed bytes. */
  readonly platforms: readonly { readonly platform: Platform; readonly size: number }[];
}

/** Sums over the releases shown. Each has beside it how many services it is known of. */
export interface HistoryTotals {
  readonly releases: number;
  readonly built: number;
  readonly reused: number;
  readonly kept: number;
  readonly builderSeconds: KnownSum;
  readonly savedSeconds: KnownSum;
}

/** A sum, and of how many services its parts are known or not; the sum is null if none is. */
export interface KnownSum {
  readonly seconds: number | null;
  readonly known: number;
  readonly unknown: number;
}
