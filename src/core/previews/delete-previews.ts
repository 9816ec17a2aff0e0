import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import type { Digest } from "../../model/digest.ts";
import type { ImageName } from "../../model/reference.ts";
import { readContent } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { unreadable } from "../../registry/unreadable.ts";
import { type DeleteManifest, makeManifestDeleter, reasonItRemains } from "../workspace/delete-manifest.ts";
import { previewTag } from "../planning/destination.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Deletes one version of a package by its digest, through GitHub's API; returns false if there is no such version. Needed for ghcr.io,
 * which does not support deletion by the registry API.
 */
export type DeletePackageVersion = (name: ImageName, digest: Digest) => Promise<boolean>;

/** Result of deleting a closed pull request's previews. */
export interface DeletedPreviews {
  readonly version: 1;
  readonly pullRequest: number;
  /** References `name:tag` that were deleted, sorted. */
  readonly deleted: readonly string[];
  /** References that could not be deleted, with the reason. They do not fail the run, because no release depends on them. */
  readonly left: readonly { readonly reference: string; readonly because: string }[];
}

/**
 * Deletes the previews of a closed pull request: its tag, and the temporary tags of its builds. Keeps manifests that another tag names.
 * Never throws for a registry that refuses.
 */
export async function deletePreviews(
  workspace: Workspace,
  pullRequest: number,
  deletePackageVersion?: DeletePackageVersion,
): Promise<DeletedPreviews> {
  const names = workspace.project.services.flatMap(({ preview }) => preview ?? []);
  const ways = { deleteManifest: makeManifestDeleter(workspace), deletePackageVersion };
  const each = await Promise.all(
    [...new Set(names)].map((name) => deleteOf(workspace, name, previewTag(pullRequest), ways)),
  );
  const deleted = each.flatMap((one) => one.deleted).sort();
  const left = each.flatMap((one) => one.left);
  for (const { reference, because } of left) {
    workspace.emit({ kind: "warning", message: `the preview ${reference} stays: ${because}` });
  }
  return { version: 1, pullRequest, deleted, left };
}

type Deleted = Pick<DeletedPreviews, "deleted" | "left">;

async function deleteOf(
  { registry }: Workspace,
  name: ImageName,
  tag: string,
  ways: Pick<Removal, "deleteManifest" | "deletePackageVersion">,
): Promise<Deleted> {
  const tags = await registry.listTags(name);
  const isOwn = (each: string): boolean => each === tag || each.startsWith(`${tag}.`);
  const [own, others] = await Promise.all([
    readTags(registry, name, tags.filter(isOwn)),
    readTags(
      registry,
      name,
      tags.filter((each) => !isOwn(each)),
    ),
  ]);
  const kept = new Set(others.flatMap(({ digests }) => digests));
  const gone = new Set<Digest>();
  const deleted: string[] = [];
  const left: DeletedPreviews["left"][number][] = [];
  for (const { tag: each, digests } of own) {
    const reference = `${name}:${each}`;
    const because = await removeAll(
      registry,
      name,
      digests.filter((digest) => !kept.has(digest) && !gone.has(digest)),
      {
        tag: each,
        isShared: digests.some((digest, at) => at === 0 && kept.has(digest)),
        deleteManifest: ways.deleteManifest,
        deletePackageVersion: ways.deletePackageVersion,
      },
    );
    if (because !== undefined) {
      left.push({ reference, because });
      continue;
    }
    for (const digest of digests) gone.add(digest);
    deleted.push(reference);
  }
  return { deleted, left };
}

interface TaggedDigests {
  readonly tag: string;
  /** Digest of the manifest that the tag names, followed by the digests that it lists. */
  readonly digests: readonly Digest[];
}

async function readTags(registry: Registry, name: ImageName, tags: readonly string[]): Promise<TaggedDigests[]> {
  const read = await Promise.all(
    tags.map(async (tag) => {
      const raw = await registry.getManifest(name, tag);
      if (raw === undefined) return [];
      const content = readContent(raw.bytes);
      // A deletion must not remove a manifest that another tag needs, so no deletion starts while one tag cannot be read.
      if (content === undefined) throw unreadable(`reading ${name}:${tag}`, "image manifest or index", raw.bytes);
      return [{ tag, digests: [raw.digest, ...content.manifests.map(({ digest }) => digest)] }];
    }),
  );
  return read.flat();
}

interface Removal {
  readonly tag: string;
  /** Whether a tag that is not of this pull request names the same manifest. If so, only this tag is deleted. */
  readonly isShared: boolean;
  readonly deleteManifest: DeleteManifest;
  readonly deletePackageVersion: DeletePackageVersion | undefined;
}

/** Deletes manifests, an index before the manifests that it lists. Returns the reason of a failure, else undefined. */
async function removeAll(
  registry: Registry,
  name: ImageName,
  digests: readonly Digest[],
  { tag, isShared, deleteManifest, deletePackageVersion = async () => false }: Removal,
): Promise<string | undefined> {
  if (isShared) return refusal(() => registry.deleteManifest(name, tag));
  for (const digest of digests) {
    const because = await refusal(async () => {
      if ((await deleteManifest(name, digest, tag)) === "stays")
        throw new SlipwayError("registry-refused", reasonItRemains(name));
    });
    if (because === undefined) continue;
    let isGone = false;
    const again = await refusal(async () => {
      isGone = await deletePackageVersion(name, digest);
    });
    if (!isGone) return again ?? because;
  }
  return undefined;
}

/** Runs a deletion and returns the reason of its failure; undefined: it succeeded or there was nothing to delete. */
async function refusal(remove: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await remove();
    return undefined;
  } catch (error) {
    if (isInterruption(error)) throw error;
    return errorMessage(error);
  }
}
