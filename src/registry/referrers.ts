import { type Digest, digestHex, digestOf } from "../model/digest.ts";
import { type Descriptor, type Index, mediaType } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { readContent } from "./content.ts";
import { asFields, parseJson } from "../formats/json.ts";
import { type ManifestContent, type ReadOptions, getManifest, putManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import type { Transport } from "./transport.ts";
import { unreadable } from "./unreadable.ts";

/** How often the fallback index is read and written again when another writer was in between. */
const mostFallbackTries = 4;

/** What refers to this manifest; with an artifact type, only what is of it. */
export interface ReferrersQuestion {
  readonly name: ImageName;
  readonly digest: Digest;
  readonly artifactType: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Distribution-spec, "Listing Referrers". Where the registry lacks the API, or gives nothing (GHCR has been seen to
 * answer an empty list beside a fallback index that has entries), the referrers tag schema is read too.
 */
export async function listReferrers(transport: Transport, question: ReferrersQuestion): Promise<readonly Descriptor[]> {
  const { name, digest, artifactType, signal } = question;
  const listed = await askForReferrers(transport, question);
  const known = listed.length > 0 ? listed : await readFallback(transport, name, digest, { signal });
  if (artifactType === undefined) return known;
  const told = await Promise.all(known.map((entry) => withOwnArtifactType(transport, name, entry, signal)));
  return told.filter((entry) => entry.artifactType === artifactType);
}

async function askForReferrers(
  transport: Transport,
  { name, digest, artifactType, signal }: ReferrersQuestion,
): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const query = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
  const doing = `listing what refers to ${name}@${digest}`;
  await readPages(
    transport,
    {
      doing,
      name,
      method: "GET",
      at: `referrers/${digest}${query}`,
      actions: ["pull"],
      accept: [200, 400, 404, 405],
      signal,
    },
    ({ status, bytes }) => {
      if (status !== 200) return "end";
      const before = found.size;
      for (const entry of parseEntries(bytes, doing)) found.set(entry.digest, entry);
      return { isNew: found.size > before };
    },
  );
  return [...found.values()];
}

function parseEntries(bytes: Uint8Array, doing: string): readonly Descriptor[] {
  // olareg writes `"manifests": null` where nothing refers.
  const content = readContent(bytes);
  if (content === undefined || !("manifests" in (asFields(parseJson(bytes)) ?? {}))) {
    throw unreadable(doing, "index", bytes);
  }
  return content.manifests;
}

/** `sha256-<hex>`. Source: distribution-spec, "Referrers Tag Schema". */
function fallbackTag(digest: Digest): string {
  return `sha256-${digestHex(digest)}`;
}

async function readFallback(
  transport: Transport,
  name: ImageName,
  digest: Digest,
  options: ReadOptions,
): Promise<readonly Descriptor[]> {
  const tag = fallbackTag(digest);
  const index = await getManifest(transport, name, tag, options);
  return index === undefined ? [] : parseEntries(index.bytes, `reading ${name}:${tag}`);
}

/** GHCR's fallback entries carry the empty config's type; what the artifact really is, its manifest says. */
async function withOwnArtifactType(
  transport: Transport,
  name: ImageName,
  entry: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Descriptor> {
  if (entry.artifactType !== undefined && entry.artifactType !== mediaType.ociEmpty) return entry;
  const manifest = await getManifest(transport, name, entry.digest, { signal });
  const artifactType = manifest === undefined ? undefined : readReferrer(manifest)?.descriptor.artifactType;
  return artifactType === undefined ? entry : { ...entry, artifactType };
}

/** The subject of a manifest, and the descriptor by which the manifest is listed there. */
export interface Referrer {
  readonly subject: Digest;
  readonly descriptor: Descriptor;
}

/** Undefined for a manifest without a subject. */
export function readReferrer(manifest: ManifestContent): Referrer | undefined {
  // Most manifests refer to nothing, and are not worth reading.
  if (!Buffer.from(manifest.bytes).includes('"subject"')) return undefined;
  const content = readContent(manifest.bytes);
  if (content?.subject === undefined) return undefined;
  const { annotations, config, subject } = content;
  const artifactType = content.artifactType ?? config?.mediaType;
  const descriptor: Descriptor = {
    mediaType: manifest.mediaType,
    digest: digestOf(manifest.bytes),
    size: manifest.bytes.length,
    ...(annotations === undefined ? {} : { annotations }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
  return { subject: subject.digest, descriptor };
}

/**
 * Lists a pushed manifest under its subject in the fallback index, where the registry does not do so itself. Registries have no
 * compare-and-swap: what another writer put in between is read back and joined with ours, so that
 * of two writers at once neither entry is lost for long.
 */
export async function addToFallback(
  transport: Transport,
  name: ImageName,
  { subject, descriptor }: Referrer,
  signal: AbortSignal | undefined,
): Promise<void> {
  let wanted: readonly Descriptor[] = [descriptor];
  for (let tries = 0; tries < mostFallbackTries; tries++) {
    const listed = await readFallback(transport, name, subject, { signal, forPush: true });
    const missing = wanted.filter((entry) => !listed.some((other) => other.digest === entry.digest));
    if (missing.length === 0) return;
    const manifests = [...listed, ...missing];
    const index: Index = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests };
    const bytes = new TextEncoder().encode(JSON.stringify(index));
    await putManifest(
      transport,
      { name, reference: fallbackTag(subject), signal },
      { mediaType: mediaType.ociIndex, bytes },
    );
    wanted = manifests;
  }
}
