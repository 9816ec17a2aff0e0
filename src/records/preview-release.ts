import type { Host } from "../host.ts";
import type { PlannedTag } from "../model/documents.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { checkCommit } from "./commit.ts";
import { decideTags, type TaggedService } from "./decide-tags.ts";
import { makeTagMover } from "./move-tags.ts";
import { compareReleases, makeReleaseName, type RecordIndex, displayName } from "./record-names.ts";
import { makeRecordReader } from "./record-reader.ts";
import { prepareManifest } from "./records.ts";
import { whyElsewhere } from "./why-elsewhere.ts";

/** The release that a dry run computes. */
export interface PreviewRequest {
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  readonly index: RecordIndex;
  /** Manifest that would be committed. */
  readonly manifest: ReleaseManifest;
  /** Services whose digest in the manifest is a placeholder for an unbuilt image. */
  readonly unbuilt: ReadonlySet<string>;
}

/** Decides what a release would do to each tag, by the same functions as the release. Changes nothing. Throws the release's errors. */
export async function previewRelease(
  host: Host,
  registry: Registry,
  { releases, services, index, manifest, unbuilt }: PreviewRequest,
): Promise<PlannedTag[]> {
  await checkCommit(registry, { releases, manifest, unbuilt });
  const name = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
  const reader = makeRecordReader(registry, releases, index);
  reader.remember(name.tag, prepareManifest(name, manifest));
  const others = index.releases.filter(({ tag }) => tag !== name.tag);
  const planned = { ...index, releases: [...others, name].sort(compareReleases) };
  const targets = await decideTags(reader, planned, [name.tag], services);
  const moves = await makeTagMover(host, registry, new Map(), () => undefined).look(targets);
  return moves.map(({ target, image, state, error }): PlannedTag => {
    const { service, tag, release, rollback } = target;
    const isOwn = release.tag === name.tag;
    const because =
      rollback === undefined ? whyElsewhere(reader, name.tag, release) : `rolled back to ${displayName(release)}`;
    const about = { service, image, tag, release: displayName(release), because: isOwn ? null : because };
    switch (state) {
      case "created":
        return { ...about, action: "create" };
      case "moved":
        return { ...about, action: "move" };
      case "already":
        return { ...about, action: isOwn ? "already" : "stay" };
      case "contested":
      case "conflict":
      case "failed":
        throw error;
    }
  });
}
