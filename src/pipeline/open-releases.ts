import type { RecordIndex } from "../release/record-names.ts";
import { readRecords, type StoredRelease } from "../release/records.ts";
import { chooseVersion } from "./choose-version.ts";
import { finishedVersion, type GroupRelease, openRelease } from "./group-release.ts";
import { readScope, type ReleaseRequest, type ReleaseScope } from "./release-request.ts";
import type { Workspace } from "./workspace.ts";

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
  readonly index: RecordIndex;
}

/** Chooses the version where none is given, and reads what there is of its releases. Throws `usage`, `repository` or `refused`. */
export async function openReleases(workspace: Workspace, request: ReleaseRequest): Promise<OpenedReleases> {
  const chosen = await chooseVersion(workspace, request);
  if (chosen?.kind === "nothing") return chosen;
  const asked = chosen === undefined ? request : { ...request, version: chosen.version, group: chosen.group };
  const scope = await readScope(workspace, asked);
  const { releases, stored, index } = await openGroups(workspace, scope);
  const because = chosen?.because ?? null;
  if (stored !== undefined && !request.dryRun) return { kind: "finished", because, stored };
  const { services, subject } = scope;
  const version = subject.kind === "version" ? subject.version : undefined;
  return { kind: "open", because, releases, services, version, index };
}

/** Reads what there is of each group's release. `stored`: all of them, where an earlier run committed each; undefined otherwise. */
export async function openGroups(
  workspace: Workspace,
  { groups, services, subject }: ReleaseScope,
): Promise<Pick<OpenReleases, "releases" | "index"> & { readonly stored: readonly StoredRelease[] | undefined }> {
  const { registry, project } = workspace;
  const index = await readRecords(registry, project.releases);
  const releases = await Promise.all(groups.map((group) => openRelease(workspace, group, subject, index)));
  const stored = releases.flatMap((each) => finishedVersion(workspace, each, services) ?? []);
  return { releases, index, stored: stored.length === releases.length ? stored : undefined };
}
