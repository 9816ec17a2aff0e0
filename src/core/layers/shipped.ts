import type { ReleasedService, ReleaseManifest } from "../../model/release.ts";
import { findRecordedRelease } from "../../records/find-release.ts";
import { makeReleaseName, displayName } from "../../records/record-names.ts";
import { readReleaseBefore, type ReleaseHistory } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** A service as a release ships it. */
export interface Shipped {
  readonly released: ReleasedService;
  readonly manifest: ReleaseManifest;
  /** The release, as commands take it. */
  readonly release: string;
}

/** Releases by the names that a user gives. */
interface NamedReleases {
  readonly release: string | undefined;
  readonly since: string | undefined;
  readonly group: string | undefined;
}

/** Finds what is shipped of each service: by the requested release, or by the last one of each service. */
export async function findShipped(
  { project }: Workspace,
  history: ReleaseHistory,
  { release, group }: NamedReleases,
): Promise<ReadonlyMap<string, Shipped>> {
  if (release !== undefined) {
    const manifest = await readNamed(history, release, group);
    const services = manifest?.services ?? [];
    return new Map(services.flatMap((released) => entryOf(released, manifest)));
  }
  const found = await Promise.all(project.services.map(({ name }) => history.service(name)));
  return new Map(found.flatMap((each) => entryOf(each?.released, each?.manifest)));
}

/** Finds the same service in the release to compare with; undefined: there is none, or it has no such service. */
export async function findShippedBefore(
  workspace: Workspace,
  history: ReleaseHistory,
  { manifest: { group }, manifest, released: { service } }: Shipped,
  { since }: NamedReleases,
): Promise<Shipped | undefined> {
  const before =
    since === undefined ? await readReleaseBefore(workspace, manifest) : await readNamed(history, since, group);
  const [entry] = entryOf(
    before?.services.find((each) => each.service === service),
    before,
  );
  return entry?.[1];
}

/** How commands name a release. */
export function nameOfManifest({ group, subject, commit }: ReleaseManifest): string {
  return displayName(makeReleaseName(group, subject, commit));
}

async function readNamed(
  history: ReleaseHistory,
  wanted: string,
  group: string | undefined,
): Promise<ReleaseManifest | undefined> {
  const name = findRecordedRelease(await history.records(), wanted, group);
  return (await history.release(name.tag))?.manifest;
}

function entryOf(
  released: ReleasedService | undefined,
  manifest: ReleaseManifest | undefined,
): [service: string, shipped: Shipped][] {
  if (released === undefined || manifest === undefined) return [];
  return [[released.service, { released, manifest, release: nameOfManifest(manifest) }]];
}
