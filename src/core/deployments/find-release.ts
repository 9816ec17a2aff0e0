import { SlipwayError } from "../../errors.ts";
import type { ReleaseManifest } from "../../model/release.ts";
import { findRecordedRelease } from "../../records/find-release.ts";
import {
  compareReleases,
  groupSlug,
  type RecordIndex,
  type ReleaseName,
  displayName,
} from "../../records/record-names.ts";
import { readRecords, readRelease, readRollbackRecord, type StoredRelease } from "../../records/records.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** A release to deploy, and why it is this one where the command chose it. */
export interface ChosenRelease {
  /** As commands take it. */
  readonly release: string;
  readonly manifest: ReleaseManifest;
  /** Null: the user named it. */
  readonly because: string | null;
}

/**
 * Finds the release to deploy: the one that is named; else the newest version, or the newest release of a branch where there is no version. A
 * rollback that holds chooses its target. Throws `usage` where there is none.
 */
export async function chooseRelease(
  { registry, project }: Workspace,
  wanted: string | undefined,
  group: string | undefined,
): Promise<ChosenRelease> {
  const index = await readRecords(registry, project.releases);
  const read = async (name: ReleaseName, because: string | null): Promise<ChosenRelease> => {
    const stored = await readRelease(registry, project.releases, name.tag);
    if (stored !== undefined) return { release: displayName(name), manifest: stored.manifest, because };
    throw new SlipwayError(
      "registry-inconsistent",
      `reading the release ${displayName(name)}: its record is not there`,
      {
        hint: "a registry may show a new push with a delay: run the same command again",
      },
    );
  };
  if (wanted !== undefined) return read(findRecordedRelease(index, wanted, group), null);
  const own = group ?? project.groups[0].name;
  const held = await findHeld({ registry, project }, index, own);
  if (held !== undefined) return read(held, `a rollback to ${displayName(held)} holds`);
  const newest = newestOf(index, own);
  if (newest === undefined) {
    throw new SlipwayError("no-such-release", `nothing of the release group ${own} has been released yet`, {
      hint: "`slipway status` shows the releases that there are",
    });
  }
  return read(newest, `${displayName(newest)} is the newest`);
}

/** Reads the newest releases, the newest first. */
export async function readNewestReleases(
  { registry, project }: Pick<Workspace, "registry" | "project">,
  most: number,
): Promise<StoredRelease[]> {
  const { releases } = await readRecords(registry, project.releases);
  const names = [...releases].sort(compareReleases).slice(-most);
  const read = await Promise.all(names.map(({ tag }) => readRelease(registry, project.releases, tag)));
  return read
    .flatMap((stored) => stored ?? [])
    .sort((left, right) => Date.parse(right.manifest.releasedAt) - Date.parse(left.manifest.releasedAt));
}

function newestOf({ releases }: RecordIndex, group: string): ReleaseName | undefined {
  const own = releases.filter((name) => name.group === groupSlug(group)).sort(compareReleases);
  return own.findLast(({ kind }) => kind === "version") ?? own.at(-1);
}

/** The target of the latest rollback, unless something newer than it knew was released since. */
async function findHeld(
  { registry, project }: Pick<Workspace, "registry" | "project">,
  index: RecordIndex,
  group: string,
): Promise<ReleaseName | undefined> {
  const last = index.rollbacks.findLast((name) => name.group === groupSlug(group));
  const newest = newestOf(index, group);
  if (last === undefined || newest === undefined) return undefined;
  const stored = await readRollbackRecord(registry, project.releases, last.tag);
  if (stored?.record.knew.includes(newest.tag) !== true) return undefined;
  return index.releases.find(({ tag }) => tag === stored.record.to);
}
