import type { ReplayOptions } from "../../commands/replay/options.ts";
import type { ReplayDocument, ReplayedCommit } from "../../model/replay-document.ts";
import type { Service } from "../../model/service.ts";
import { digestOf } from "../../model/digest.ts";
import type { Lookups } from "../../inputs/request.ts";
import { readInputs } from "../../inputs/inputs.ts";
import { orderByNeeds } from "../../plan/order.ts";
import { readTree } from "../../source/tree/tree.ts";
import { isInFiles, SlipwayError } from "../../errors.ts";
import { throwIfInterrupted } from "../workspace/interrupted.ts";
import { makeBaseLookup } from "../planning/lookups.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Replays the last commits, oldest first, and reports which services' inputs changed in each. Services, base images and external contexts
 * count as they are now, so that commits from before `slipway.yaml` can be replayed.
 */
export async function replay(workspace: Workspace, options: ReplayOptions): Promise<ReplayDocument> {
  const { repository, emit } = workspace;
  if (repository.shallow) {
    throw new SlipwayError("history-missing", "replay needs past commits, but the clone is shallow", {
      hint: "git fetch --unshallow fetches the history",
    });
  }
  const history = await repository.lastCommits(options.commits + 1);
  const oldestFirst = history.toReversed();
  const lookups = makeReplayLookups(workspace);
  const rows: ReplayedCommit[] = [];
  let before: Snapshot | undefined;
  for (const [position, commit] of oldestFirst.entries()) {
    throwIfInterrupted(workspace.host.signal, "interrupted while reading past commits");
    const now = await snapshot(workspace, commit.sha, lookups);
    if (position > 0 || history.length <= options.commits) rows.push(compare(commit, before, now));
    if (now.kind === "read") before = now;
  }
  const unreadable = rows.filter((row) => row.unreadable !== null).length;
  if (unreadable > 0) {
    emit({ kind: "warning", message: `${unreadable} commits could not be read and are not counted` });
  }
  return summarize(rows.toReversed(), options);
}

type Snapshot =
  | { readonly kind: "read"; readonly fingerprints: ReadonlyMap<string, string>; readonly services: readonly Service[] }
  | { readonly kind: "unreadable"; readonly because: string };

/**
 * Fingerprints of all services at one commit. A service that another one starts from stands in by its fingerprint, since no image is built.
 */
async function snapshot(workspace: Workspace, commit: string, shared: SharedLookups): Promise<Snapshot> {
  const { repository } = workspace;
  try {
    const tree = await readTree(repository, { commit });
    const services = workspace.project.services.filter(({ dockerfile }) => tree.get(dockerfile) !== undefined);
    const fingerprints = new Map<string, string>();
    for (const service of orderByNeeds(services)) {
      const [platform] = service.platforms;
      const lookups = shared.forCommit((name) => fingerprints.get(name));
      const { inputs } = await readInputs({ service, platform, tree, lookups });
      const fingerprint = inputs.volatile === null ? inputs.fingerprint : null;
      // A volatile service is built for every commit, so its stand-in fingerprint differs for each.
      fingerprints.set(service.name, fingerprint ?? `${commit} ${service.name}`);
    }
    return { kind: "read", fingerprints, services };
  } catch (error) {
    if (!isInFiles(error)) throw error;
    return { kind: "unreadable", because: error instanceof Error ? error.message : String(error) };
  }
}

function compare(
  { sha, subject, at, files }: { sha: string; subject: string; at: string; files: readonly string[] },
  before: Snapshot | undefined,
  now: Snapshot,
): ReplayedCommit {
  const row = { commit: sha, subject, at };
  if (now.kind === "unreadable") {
    return { ...row, built: [], reused: [], missedByFolder: [], unreadable: now.because };
  }
  const had = before?.kind === "read" ? before.fingerprints : new Map<string, string>();
  const isSame = ({ name }: Service): boolean => had.get(name) === now.fingerprints.get(name);
  const built = now.services.filter((service) => !isSame(service));
  const missed = built.filter((service) => had.has(service.name) && !touches(files, service));
  return {
    ...row,
    built: built.map(({ name }) => name),
    reused: now.services.filter(isSame).map(({ name }) => name),
    missedByFolder: missed.map(({ name }) => name),
    unreadable: null,
  };
}

/** Whether a path filter on the Dockerfile's folder would build the service, that is, whether a file in that folder or below changed. */
function touches(files: readonly string[], service: Service): boolean {
  const folder = service.dockerfile.includes("/")
    ? service.dockerfile.slice(0, service.dockerfile.lastIndexOf("/") + 1)
    : "";
  return files.some((path) => path.startsWith(folder));
}

function summarize(rows: readonly ReplayedCommit[], { buildSeconds }: ReplayOptions): ReplayDocument {
  const counts = new Map<string, { built: number; reused: number; missedByFolder: number }>();
  for (const row of rows) {
    for (const kind of ["built", "reused", "missedByFolder"] as const) {
      for (const name of row[kind]) {
        const count = counts.get(name) ?? { built: 0, reused: 0, missedByFolder: 0 };
        count[kind] += 1;
        counts.set(name, count);
      }
    }
  }
  const services = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([service, count]) => ({ service, ...count }));
  const sum = (kind: "built" | "reused" | "missedByFolder"): number =>
    services.reduce((all, each) => all + each[kind], 0);
  const reused = sum("reused");
  const minutesSaved = buildSeconds === undefined ? null : Math.round((reused * buildSeconds) / 6) / 10;
  const totals = {
    commits: rows.length,
    built: sum("built"),
    reused,
    needless: reused,
    missedByFolder: sum("missedByFolder"),
    minutesSaved,
  };
  return { version: 1, totals, services, commits: rows };
}

interface SharedLookups {
  forCommit(fingerprintOf: (service: string) => string | undefined): Lookups;
}

/** Lookups that resolve base images as they are now. A base image that is gone counts by its name. */
function makeReplayLookups({ registry }: Workspace): SharedLookups {
  const base = makeBaseLookup(registry.mirrored);
  const standIn = (text: string) => ({
    digest: digestOf(text),
    pin: text,
    config: { env: {}, onBuild: [] },
  });
  return {
    forCommit: (fingerprintOf) => ({
      base: (reference, platform) => base(reference, platform).catch(() => standIn(reference)),
      service: (name) => {
        const fingerprint = fingerprintOf(name);
        return fingerprint === undefined ? undefined : standIn(fingerprint);
      },
      gitCommit: async (url) => digestOf(url).slice("sha256:".length, 47),
    }),
  };
}
