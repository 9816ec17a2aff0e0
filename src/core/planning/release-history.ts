import type { Platform } from "../../model/platform.ts";
import type { ReleasedPlatform, ReleasedService, ReleaseManifest } from "../../model/release.ts";
import type { RecordIndex } from "../../records/record-names.ts";
import { readLatest, readRecords, readRelease, type ReleaseLine, type StoredRelease } from "../../records/records.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * What was released before one command began: the list of records is asked for once, when it is first needed, and each record is read
 * once. Commit and promotion do not use it: they need the records as they are then.
 */
export interface ReleaseHistory {
  records(): Promise<RecordIndex>;
  /** Undefined when there is no such record. */
  release(tag: string): Promise<StoredRelease | undefined>;
  /** The newest release of a line among these records. */
  latest(records: RecordIndex, line: ReleaseLine): Promise<StoredRelease | undefined>;
  /** The last release of a service: the newest of the versions of its group, and of the branch that is checked out. */
  service(service: string): Promise<{ released: ReleasedService; manifest: ReleaseManifest } | undefined>;
  platform(service: string, platform: Platform): Promise<ReleasedPlatform | undefined>;
}

/** The history for one command, with nothing read yet. */
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

  const service: ReleaseHistory["service"] = async (name) => {
    const group = project.services.find((each) => each.name === name)?.group ?? "default";
    const newest = manifests.get(group) ?? readGroup(group);
    manifests.set(group, newest);
    const candidates = (await newest).flatMap((manifest) => {
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
    platform: async (name, platform) => {
      const last = await service(name);
      return last?.released.platforms.find((each) => each.platform === platform);
    },
  };
}

/** The release that a manifest names as the one before it; undefined when it is the first, or its record is gone. */
export async function readReleaseBefore(
  { registry, project }: Workspace,
  { previous }: ReleaseManifest,
): Promise<ReleaseManifest | undefined> {
  if (previous === null) return undefined;
  return (await readRelease(registry, project.releases, previous.record))?.manifest;
}
