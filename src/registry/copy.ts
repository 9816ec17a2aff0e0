import { SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { Descriptor, RawManifest } from "../model/oci.ts";
import { type ImageName, registryOf } from "../model/reference.ts";
import { settleAll } from "../model/settle.ts";
import { hasBlob, readBlob } from "./blobs.ts";
import { type Content, readContent } from "./content.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";
import { type ManifestContent, getManifest, headManifest } from "./manifests.ts";
import type { Transport } from "./transport.ts";
import type { WriteQueue } from "./write-queue.ts";
import { unreadable } from "./unreadable.ts";
import { type Upload, mountBlob, putBlob } from "./upload.ts";

/** Number of blobs that are streamed at the same time. Each holds a place for reading while it waits for one to write. */
const mostStreams = 4;

/** Copies content between image names, in one registry or between two. */
export interface Copier {
  copyBlob(from: ImageName, to: ImageName, content: Upload, signal?: AbortSignal): Promise<void>;
  copyManifestTree(from: ImageName, digest: Digest, to: ImageName, signal?: AbortSignal): Promise<RawManifest>;
}

/** Makes a copier. `push`: puts a manifest, and adds it to the fallback list of its subject if the registry keeps no referrers. */
export function makeCopier(
  host: { readonly signal: AbortSignal },
  transport: Transport,
  turns: WriteQueue,
  push: (name: ImageName, reference: string, manifest: ManifestContent, signal?: AbortSignal) => Promise<Digest>,
): Copier {
  const streams: Limiter = makeLimiter(mostStreams);

  const copyBlob: Copier["copyBlob"] = async (from, to, content, signal) => {
    if (from !== to) await turns.take(to, content.digest, signal, () => copyInTurn(from, to, content, signal));
  };

  const copyInTurn: Copier["copyBlob"] = async (from, to, { digest, size }, signal) => {
    if (await hasBlob(transport, to, digest, { signal, forPush: true })) return;
    if (registryOf(from) === registryOf(to) && (await mountBlob(transport, { name: to, digest, from, signal }))) return;
    const leave = await streams.enter(signal ?? host.signal).catch(() => {
      throw new SlipwayError("interrupted", `copying ${from}@${digest} to ${to}: interrupted`);
    });
    try {
      const open = (offset: number): AsyncIterable<Uint8Array> =>
        readBlob(transport, from, { digest, size }, { offset, signal });
      await putBlob(transport, to, { digest, size, open }, { signal });
    } finally {
      leave();
    }
  };

  /** Copies children before parents, so that no manifest exists without its content. */
  const copyTree = async (
    { from, to, signal, budget }: CopyOfTree,
    digest: Digest,
    depth: number,
  ): Promise<RawManifest> => {
    budget.manifests -= 1;
    if (depth > mostDepth || budget.manifests < 0) throw tooLarge(from, digest, to);
    const manifest = await getManifest(transport, from, digest, { signal });
    if (manifest === undefined) {
      throw new SlipwayError("content-missing", `copying ${from}@${digest} to ${to}: ${from} has no such manifest`);
    }
    if (from === to) return manifest;
    const tree = readTree(manifest, from);
    const isThere = (await headManifest(transport, to, digest, { signal, forPush: true })) !== undefined;
    // A registry accepts a manifest only with its blobs, so they are complete. Children of an index may have been deleted since, so they
    // are checked.
    const blobs = isThere ? [] : [...(tree.config === undefined ? [] : [tree.config]), ...tree.layers];
    await settleAll([
      ...tree.manifests.map((child) => copyTree({ from, to, signal, budget }, child.digest, depth + 1)),
      ...distinct(blobs.filter(isDistributable)).map((blob) => copyBlob(from, to, blob, signal)),
    ]);
    if (!isThere) await push(to, digest, manifest, signal);
    return manifest;
  };

  return {
    copyBlob,
    copyManifestTree: (from, digest, to, signal) =>
      copyTree({ from, to, signal, budget: { manifests: mostManifests } }, digest, 0),
  };
}

interface CopyOfTree {
  readonly from: ImageName;
  readonly to: ImageName;
  readonly signal: AbortSignal | undefined;
  /** Number of manifests that may still be read. */
  readonly budget: { manifests: number };
}

/** Upper limit of indexes inside each other. An index over platforms has depth one; no known image exceeds two. */
const mostDepth = 8;
const mostManifests = 5000;

function tooLarge(from: ImageName, digest: Digest, to: ImageName): SlipwayError {
  const most = `${mostManifests} manifests, or ${mostDepth} indexes inside each other`;
  return new SlipwayError("content-too-large", `copying ${from}@${digest} to ${to}: it consists of more than ${most}`);
}

function readTree(manifest: RawManifest, from: ImageName): Content {
  const content = readContent(manifest.bytes);
  if (content !== undefined) return content;
  throw unreadable(`copying ${from}@${manifest.digest}`, "image manifest or index", manifest.bytes);
}

/** Whether a layer may be pushed. Other layers are fetched from their `urls` (image-spec, "Non-distributable layers"). */
function isDistributable(content: Descriptor): boolean {
  return !/nondistributable|foreign/.test(content.mediaType);
}

function distinct(contents: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(contents.map((content) => [content.digest, content])).values()];
}
