import type { ReleaseOptions } from "../../commands/release/options.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { ReleaseSubject } from "../../model/release.ts";
import type { ReleaseGroup } from "../../model/service.ts";
import type { BuildCommandRequest } from "../building/execute-plan.ts";
import { checkNames } from "../planning/plan.ts";
import { checkMayRelease } from "../workspace/may-publish.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Options of a release, without the notes file, which the command line writes. */
export type ReleaseRequest = BuildCommandRequest & Omit<ReleaseOptions, keyof BuildCommandRequest | "notesFile">;

/** The groups and services that a request means in this repository, and the version or branch that they are released as. */
export interface ReleaseScope {
  readonly groups: readonly ReleaseGroup[];
  /** Names of the services to plan and build, besides those that they need. */
  readonly services: readonly string[];
  readonly subject: ReleaseSubject;
}

/** Reads the scope of a request. Throws `usage`, `repository` or `refused`. Sends no request to a registry. */
export async function readScope(workspace: Workspace, request: ReleaseRequest): Promise<ReleaseScope> {
  const { project } = workspace;
  checkNames(project.services, request.only);
  const checks = [() => checkMayRelease(workspace.trust, "a release"), () => checkClean(workspace, request)];
  for (const check of checks) {
    if (request.dryRun) warnOf(workspace, check);
    else check();
  }
  return { ...selectReleased(workspace, request), subject: await readSubject(workspace, request) };
}

/** Turns an error of a check into a warning: a dry run continues where the release would be refused. */
function warnOf({ emit }: Workspace, check: () => void): void {
  try {
    check();
  } catch (error) {
    emit({ kind: "warning", message: `the release would be refused here: ${errorMessage(error)}` });
  }
}

/** The groups and services that a request selects. Throws `usage`. */
export function selectReleased(
  { project }: Workspace,
  request: Pick<ReleaseRequest, "group" | "version" | "only">,
): Pick<ReleaseScope, "groups" | "services"> {
  const groups = selectGroups(project.groups, request);
  return { groups, services: request.only.length > 0 ? request.only : groups.flatMap((group) => group.services) };
}

/** Throws `repository` if the working tree has uncommitted changes, unless the request allows them. */
export function checkClean({ repository }: Workspace, { allowDirty }: Pick<ReleaseRequest, "allowDirty">): void {
  if (!repository.dirty || allowDirty) return;
  const paths = repository.changes.map(({ path }) => `  ${path}`);
  const shown = paths.length > 8 ? [...paths.slice(0, 8), `  and ${paths.length - 8} more`] : paths;
  throw new SlipwayError("working-tree-dirty", ["the working tree has changes that are not committed:", ...shown], {
    hint: "commit or stash them; or release them as they are with --allow-dirty",
  });
}

/** The group that is named, else the groups of the named services, else all. A version needs exactly one group. */
function selectGroups(
  all: readonly ReleaseGroup[],
  { group, version, only }: Pick<ReleaseRequest, "group" | "version" | "only">,
): readonly ReleaseGroup[] {
  const known = all.map(({ name }) => name).join(", ");
  if (group !== undefined) {
    const found = all.find(({ name }) => name === group);
    if (found !== undefined) return [checkIsIn(found, only)];
    throw new SlipwayError("no-such-group", `there is no release group "${group}"`, {
      hint: `the groups are: ${known}`,
    });
  }
  const groups = only.length === 0 ? all : all.filter(({ services }) => services.some((name) => only.includes(name)));
  if (version === undefined || groups.length === 1) return groups;
  throw new SlipwayError("group-needed", `a version belongs to one release group, and there are several: ${known}`, {
    hint: `slipway release ${version} --group ${all[0]?.name ?? ""}`,
  });
}

/** The one group that a version is for. Throws `usage` if the request leaves it open. */
export function selectGroup(
  all: readonly ReleaseGroup[],
  request: Pick<ReleaseRequest, "group" | "only">,
): ReleaseGroup {
  const [only, ...others] = selectGroups(all, { ...request, version: undefined });
  if (only !== undefined && others.length === 0) return only;
  const known = all.map(({ name }) => name).join(", ");
  throw new SlipwayError("group-needed", `a version belongs to one release group, and there are several: ${known}`, {
    hint: `name one: --group ${all[0]?.name ?? ""}`,
  });
}

function checkIsIn(group: ReleaseGroup, only: readonly string[]): ReleaseGroup {
  const outside = only.find((name) => !group.services.includes(name));
  if (outside === undefined) return group;
  throw new SlipwayError("service-not-in-group", `"${outside}" is not in the release group ${group.name}`, {
    hint: `it has: ${group.services.join(", ")}`,
  });
}

async function readSubject(
  { repository }: Workspace,
  { version, branch: given }: Pick<ReleaseRequest, "version" | "branch">,
): Promise<ReleaseSubject> {
  if (version !== undefined) return versionSubject(version);
  const branch = given ?? repository.branch;
  if (branch === undefined) {
    throw new SlipwayError("version-not-found", "no version was given, and no branch is checked out", {
      hint: "give a version (slipway release 1.2.0) or the branch (--branch main)",
    });
  }
  const { commit } = repository;
  const [generation, committedAt] = await Promise.all([repository.generation(commit), repository.committedAt(commit)]);
  return { kind: "branch", branch, generation, committedAt, revision: 1 };
}

/** The subject of a version, with a leading `v` removed. */
export function versionSubject(version: string): Extract<ReleaseSubject, { kind: "version" }> {
  return { kind: "version", version: version.replace(/^v(?=\d)/, "") };
}
