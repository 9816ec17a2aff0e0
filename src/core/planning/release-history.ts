import type { Platform } from "../../model/platform.ts";
import type { ReleasedPlatform, ReleasedService, ReleaseManifest } from "../../model/release.ts";
import type { RecordIndex } from "../../records/record-names.ts";
import { readLatest, readRecords, readRelease, type ReleaseLine, type StoredRelease } from "../../records/records.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * The releases that existed before the command began. Lists the records once, at the first use, and reads each record once. Commit and
 * promotion read the records themselves, because they need the current ones.
 */
export interface ReleaseHistory {
  records(): Promise<RecordIndex>;
  /** Reads a record; undefined: it does not exist. */
  release(tag: string): Promise<StoredRelease | undefined>;
  /** The newest release of a line (a group's versions, or one branch) among these records. */
  latest(records: RecordIndex, line: ReleaseLine): Promise<StoredRelease | undefined>;
  /** The last release of a service: the newest among its group's versions and the branch that is checked out. */
  service(service: string): Promise<{ released: ReleasedService; manifest: ReleaseManifest } | undefined>;
  platform(service: string, platform: Platform): Promise<ReleasedPlatform | undefined>;
  /** The last releases of all groups: of each the newest version and the newest commit of the branch that is checked out. */
  manifests(): Promise<readonly ReleaseManifest[]>;
}

/** Makes the history for one command. Reads nothing yet. */
export function makeReleaseHistory({ project, registry, repository }: Workspace): ReleaseHistory {
  let list: Promise<RecordIndex> | undefined;
  const read = new Map<string, Promise<StoredRelease | undefined>>();
  const manifests = new Map<string, Promise<ReleaseManifest[]>>();

  const records: ReleaseHistory["records"] = () => (list ??= readRecords(registry, project.releases));
  const release: ReleaseHistory["release"] = (tag) => {
    const found = read.get(tag) ?? readRelease(registry, project.releases, tag);
    read.set(tag, found);
    return found;
  };
  const latest: ReleaseHistory["latest"] = (among, line) => readLatest(release, among, line);

  const readGroup = async (group: string): Promise<ReleaseManifest[]> => {
    const found = await records();
    const { branch } = repository;
    const lines = [{ group }, ...(branch === undefined ? [] : [{ group, branch }])];
    const stored = await Promise.all(lines.map((line) => latest(found, line)));
    return stored.flatMap((each) => (each === undefined ? [] : [each.manifest]));
  };

  const readGroupOnce = (group: string): Promise<ReleaseManifest[]> => {
    const newest = manifests.get(group) ?? readGroup(group);
    manifests.set(group, newest);
    return newest;
  };

  const service: ReleaseHistory["service"] = async (name) => {
    const group = project.services.find((each) => each.name === name)?.group ?? "default";
    const candidates = (await readGroupOnce(group)).flatMap((manifest) => {
      const released = manifest.services.find((each) => each.service === name);
      return released === undefined ? [] : [{ released, manifest }];
    });
    return candidates.reduce<(typeof candidates)[number] | undefined>(
      (last, each) => (last === undefined || each.manifest.releasedAt > last.manifest.releasedAt ? each : last),
      undefined,
    );
  };

  return {
    records,
    release,
    latest,
    service,
    manifests: async () => (await Promise.all(project.groups.map(({ name }) => readGroupOnce(name)))).flat(),
    platform: async (name, platform) => {
      const last = await service(name);
      return last?.released.platforms.find((each) => each.platform === platform);
    },
  };
}

/** The release before a given one, by the manifest's own entry; undefined: there was none, or its record is gone. */
export async function readReleaseBefore(
  { registry, project }: Workspace,
  { previous }: ReleaseManifest,
): Promise<ReleaseManifest | undefined> {
  if (previous === null) return undefined;
  return (await readRelease(registry, project.releases, previous.record))?.manifest;
}
