import { type Digest, digestOf, isDigest } from "../../model/digest.ts";
import { byCodeUnit } from "../../model/order.ts";

export interface StoredManifest {
  mediaType: string;
  bytes: Uint8Array;
}

/** A tag that returns its old digest for the next `reads` reads. */
interface Staleness {
  readonly digest: Digest | undefined;
  reads: number;
}

export interface StoredRepository {
  readonly manifests: Map<Digest, StoredManifest>;
  readonly blobs: Map<Digest, Uint8Array>;
  readonly tags: Map<string, Digest>;
  readonly stale: Map<string, Staleness>;
}

export interface UploadSession {
  readonly repository: string;
  readonly parts: Uint8Array[];
  size: number;
}

/** The content of a registry in memory. */
export interface Store {
  readonly repositories: Map<string, StoredRepository>;
  readonly uploads: Map<string, UploadSession>;
  repository(name: string): StoredRepository;
  /** Returns the number of the next upload session. */
  nextUpload(): number;
  snapshot(): Snapshot;
}

/** Tags and digests by repository, sorted, for assertions. */
export type Snapshot = Readonly<
  Record<
    string,
    {
      readonly tags: Readonly<Record<string, Digest>>;
      readonly manifests: readonly Digest[];
      readonly blobs: readonly Digest[];
    }
  >
>;

export function makeStore(): Store {
  const repositories = new Map<string, StoredRepository>();
  let uploads = 0;
  return {
    repositories,
    uploads: new Map(),
    nextUpload: () => ++uploads,
    repository(name) {
      const known = repositories.get(name) ?? {
        manifests: new Map(),
        blobs: new Map(),
        tags: new Map(),
        stale: new Map(),
      };
      repositories.set(name, known);
      return known;
    },
    snapshot() {
      const names = [...repositories.keys()].toSorted(byCodeUnit);
      return Object.fromEntries(names.flatMap((name) => describe(name, repositories.get(name))));
    },
  };
}

function describe(name: string, repository: StoredRepository | undefined): [string, Snapshot[string]][] {
  if (repository === undefined || repository.manifests.size + repository.blobs.size === 0) return [];
  const { tags, manifests, blobs } = repository;
  return [
    [
      name,
      {
        tags: Object.fromEntries([...tags].toSorted(([left], [right]) => byCodeUnit(left, right))),
        manifests: [...manifests.keys()].toSorted(byCodeUnit),
        blobs: [...blobs.keys()].toSorted(byCodeUnit),
      },
    ],
  ];
}

/** The manifest that a reader gets. Shortly after a PUT it may be the old one. */
export function readManifest(
  repository: StoredRepository,
  reference: string,
): { digest: Digest; manifest: StoredManifest } | undefined {
  const digest = isDigest(reference) ? reference : readTag(repository, reference);
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  return digest === undefined || manifest === undefined ? undefined : { digest, manifest };
}

function readTag(repository: StoredRepository, tag: string): Digest | undefined {
  const stale = repository.stale.get(tag);
  if (stale === undefined) return repository.tags.get(tag);
  stale.reads -= 1;
  if (stale.reads <= 0) repository.stale.delete(tag);
  return stale.digest;
}

export function writeManifest(
  repository: StoredRepository,
  reference: string,
  manifest: StoredManifest,
  staleReads: number,
): Digest {
  const digest = digestOf(manifest.bytes);
  repository.manifests.set(digest, manifest);
  if (!isDigest(reference)) {
    const before = repository.stale.get(reference)?.digest ?? repository.tags.get(reference);
    if (staleReads > 0) repository.stale.set(reference, { digest: before, reads: staleReads });
    repository.tags.set(reference, digest);
  }
  return digest;
}

/** Removes a manifest with the tags that point to it. */
export function removeManifest(repository: StoredRepository, digest: Digest): boolean {
  for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
  return repository.manifests.delete(digest);
}
