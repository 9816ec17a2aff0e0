import type { StoredRelease } from "../../records/records.ts";
import { chooseVersion } from "./choose-version.ts";
import { finishedVersion, type GroupRelease, openRelease } from "./group-release.ts";
import { readScope, type ReleaseRequest, type ReleaseScope } from "./release-request.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What a release request comes to, before anything is planned. `because`: why this version; null: it was given. */
export type OpenedReleases =
  /** The source of versions has no new one. */
  | { readonly kind: "nothing"; readonly because: string }
  /** An earlier run committed all of it from this commit: only its tags may not be in place yet. */
  | { readonly kind: "finished"; readonly because: string | null; readonly stored: readonly StoredRelease[] }
  | OpenReleases;

/** Releases to plan, build and commit, one a group. */
export interface OpenReleases {
  readonly kind: "open";
  readonly because: string | null;
  readonly releases: readonly GroupRelease[];
  /** Names of the services to plan and release; what they need is planned too. */
  readonly services: readonly string[];
  /** Undefined: a branch is released. */
  readonly version: string | undefined;
  /** The records as they were before planning. */
  readonly history: ReleaseHistory;
}

/** Chooses the version where none is given, and reads what there is of its releases. Throws `usage`, `repository` or `refused`. */
export async function openReleases(workspace: Workspace, request: ReleaseRequest): Promise<OpenedReleases> {
  const history = makeReleaseHistory(workspace);
  const chosen = await chooseVersion(workspace, request, history);
  if (chosen?.kind === "nothing") return chosen;
  const asked = chosen === undefined ? request : { ...request, version: chosen.version, group: chosen.group };
  const scope = await readScope(workspace, asked);
  const { releases, stored } = await openGroups(workspace, scope, history);
  const because = chosen?.because ?? null;
  if (stored !== undefined && !request.dryRun) return { kind: "finished", because, stored };
  const { services, subject } = scope;
  const version = subject.kind === "version" ? subject.version : undefined;
  return { kind: "open", because, releases, services, version, history };
}

/** Reads what there is of each group's release. `stored`: all of them, where an earlier run committed each; undefined otherwise. */
export async function openGroups(
  workspace: Workspace,
  { groups, services, subject }: ReleaseScope,
  history: ReleaseHistory,
): Promise<Pick<OpenReleases, "releases"> & { readonly stored: readonly StoredRelease[] | undefined }> {
  const releases = await Promise.all(groups.map((group) => openRelease(workspace, history, group, subject)));
  const stored = releases.flatMap((each) => finishedVersion(workspace, each, services) ?? []);
  return { releases, stored: stored.length === releases.length ? stored : undefined };
}
