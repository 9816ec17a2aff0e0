import { settleAll } from "../../model/settle.ts";
import type { StoredRelease } from "../../records/records.ts";
import type { Ahead } from "./ahead.ts";
import { chooseVersion } from "./choose-version.ts";
import { finishedVersion, type GroupRelease, openRelease } from "./group-release.ts";
import { readScope, type ReleaseRequest, type ReleaseScope } from "./release-request.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What a release request amounts to, before planning. `because`: the reason for the chosen version; null: the request gave the version. */
export type OpenedReleases =
  /** The version source has no new version. */
  | { readonly kind: "nothing"; readonly because: string }
  /** An earlier run committed all releases from this commit; at most their tags are not in place. */
  | { readonly kind: "finished"; readonly because: string | null; readonly stored: readonly StoredRelease[] }
  | OpenReleases;

/** Releases to plan, build and commit, one per group. */
export interface OpenReleases {
  readonly kind: "open";
  readonly because: string | null;
  readonly releases: readonly GroupRelease[];
  /** Names of the services to plan and release; the services that they need are planned too. */
  readonly services: readonly string[];
  /** Version to release; undefined: a branch is released. */
  readonly version: string | undefined;
  /** Records as they were before planning. */
  readonly history: ReleaseHistory;
}

/**
 * Chooses the version if the request gives none, and opens its releases. `ahead`: begins once the scope is known. Throws `usage`, `repository`
 * or `refused`.
 */
export async function openReleases(
  workspace: Workspace,
  request: ReleaseRequest,
  history: ReleaseHistory = makeReleaseHistory(workspace),
  ahead?: Ahead,
): Promise<OpenedReleases> {
  const chosen = await chooseVersion(workspace, request, history);
  if (chosen?.kind === "nothing") return chosen;
  const asked = chosen === undefined ? request : { ...request, version: chosen.version, group: chosen.group };
  const scope = await readScope(workspace, asked);
  const [{ releases, stored }] = await settleAll([
    openGroups(workspace, scope, history),
    ahead?.begin(scope.services) ?? Promise.resolve(),
  ]);
  const because = chosen?.because ?? null;
  if (stored !== undefined && !request.dryRun) return { kind: "finished", because, stored };
  const [only, ...others] = releases;
  if (only !== undefined && others.length === 0) ahead?.expectUnchanged(only);
  const { services, subject } = scope;
  const version = subject.kind === "version" ? subject.version : undefined;
  return { kind: "open", because, releases, services, version, history };
}

/** Opens the release of each group. `stored`: the existing releases, if an earlier run finished all of them; undefined otherwise. */
export async function openGroups(
  workspace: Workspace,
  { groups, services, subject }: ReleaseScope,
  history: ReleaseHistory,
): Promise<Pick<OpenReleases, "releases"> & { readonly stored: readonly StoredRelease[] | undefined }> {
  const releases = await Promise.all(groups.map((group) => openRelease(workspace, history, group, subject)));
  const stored = releases.flatMap((each) => finishedVersion(workspace, each, services) ?? []);
  return { releases, stored: stored.length === releases.length ? stored : undefined };
}
