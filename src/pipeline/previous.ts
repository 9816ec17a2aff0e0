import type { Platform } from "../model/platform.ts";
import type { ReleasedPlatform, ReleasedService, ReleaseManifest } from "../model/release.ts";
import type { RecordIndex } from "../release/record-names.ts";
import { readLatest, readRecords } from "../release/records.ts";
import type { Workspace } from "./workspace.ts";

/** What was released before: asked for only when a service's image is not found, and then once. */
export interface PreviousRelease {
  service(service: string): Promise<{ released: ReleasedService; manifest: ReleaseManifest } | undefined>;
  platform(service: string, platform: Platform): Promise<ReleasedPlatform | undefined>;
}

/** The newest of the versions and of the branch that is checked out, by group. */
export function makePreviousRelease(workspace: Workspace): PreviousRelease {
  const { project, registry, repository } = workspace;
  let index: Promise<RecordIndex> | undefined;
  const manifests = new Map<string, Promise<ReleaseManifest[]>>();

  const readGroup = async (group: string): Promise<ReleaseManifest[]> => {
    index ??= readRecords(registry, project.releases);
    const found = await index;
    const { branch } = repository;
    const lines = [{ group }, ...(branch === undefined ? [] : [{ group, branch }])];
    const stored = await Promise.all(lines.map((line) => readLatest(registry, project.releases, found, line)));
    return stored.flatMap((each) => (each === undefined ? [] : [each.manifest]));
  };

  const service: PreviousRelease["service"] = async (name) => {
    const group = project.services.find((each) => each.name === name)?.group ?? "default";
    const read = manifests.get(group) ?? readGroup(group);
    manifests.set(group, read);
    const candidates = (await read).flatMap((manifest) => {
      const released = manifest.services.find((each) => each.service === name);
      return released === undefined ? [] : [{ released, manifest }];
    });
    return candidates.reduce<(typeof candidates)[number] | undefined>(
      (newest, each) => (newest === undefined || each.manifest.releasedAt > newest.manifest.releasedAt ? each : newest),
      undefined,
    );
  };

  return {
    service,
    platform: async (name, platform) => {
      const previous = await service(name);
      return previous?.released.platforms.find((each) => each.platform === platform);
    },
  };
}
