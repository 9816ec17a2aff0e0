import { SlipwayError } from "../errors.ts";
import { type Digest, digestHex, digestOf } from "../model/digest.ts";
import { type Descriptor, type Index, mediaType } from "../model/oci.ts";
import { type ImageName, registryOf } from "../model/reference.ts";
import { readContent } from "./content.ts";
import { asFields, parseJson } from "../formats/json.ts";
import { type ManifestContent, type ReadOptions, getManifest, putManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import type { Transport } from "./transport.ts";
import { unreadable } from "./unreadable.ts";

/** Number of times that the fallback index is read and written again if another writer changed it in between. */
const mostFallbackTries = 8;

/** The manifest whose referrers to list. `artifactType`: list only those of this type. */
export interface ReferrersQuestion {
  readonly name: ImageName;
  readonly digest: Digest;
  readonly artifactType: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lists the manifests that refer to a manifest. Also reads the referrers tag schema if the registry lacks the API or lists none that fits:
 * a registry may answer an empty list although the fallback index has entries, and one that learned the API later may not know them. Source:
 * distribution-spec, "Listing Referrers".
 */
export async function listReferrers(transport: Transport, question: ReferrersQuestion): Promise<readonly Descriptor[]> {
  const { name, digest, signal } = question;
  const listed = await keepTyped(transport, question, await askForReferrers(transport, question));
  if (listed.length > 0) return listed;
  return keepTyped(transport, question, await readFallback(transport, name, digest, { signal }));
}

async function keepTyped(
  transport: Transport,
  { name, artifactType, signal }: ReferrersQuestion,
  known: readonly Descriptor[],
): Promise<readonly Descriptor[]> {
  if (artifactType === undefined) return known;
  const typed = await Promise.all(known.map((entry) => withOwnArtifactType(transport, name, entry, signal)));
  return typed.filter((entry) => entry.artifactType === artifactType);
}

/**
 * Makes sure that a pushed manifest is found from its subject: by the registry's own list, else by the fallback index. `isSubjectKnown`: the
 * registry sent `OCI-Subject`, which some do that keep no list; only a listing proves that it keeps one.
 */
export async function ensureListed(
  transport: Transport,
  name: ImageName,
  referrer: Referrer,
  { isSubjectKnown, signal }: { readonly isSubjectKnown: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (isSubjectKnown && (await isListed(transport, name, referrer, signal))) return;
  await addToFallback(transport, name, referrer, signal);
}

async function isListed(
  transport: Transport,
  name: ImageName,
  { subject, descriptor }: Referrer,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const listed = await askForReferrers(transport, { name, digest: subject, artifactType: undefined, signal });
  return listed.some(({ digest }) => digest === descriptor.digest);
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
  // olareg returns `"manifests": null` for an empty list.
  const content = readContent(bytes);
  if (content === undefined || !("manifests" in (asFields(parseJson(bytes)) ?? {}))) {
    throw unreadable(doing, "index", bytes);
  }
  return content.manifests;
}

/** The fallback tag `sha256-<hex>`. Source: distribution-spec, "Referrers Tag Schema". */
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

/** Reads the artifact type from the manifest: fallback entries of cosign before 3.1.1 have the type of the empty config instead. */
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

/** The subject of a manifest, and the manifest's descriptor for the subject's list. */
export interface Referrer {
  readonly subject: Digest;
  readonly descriptor: Descriptor;
}

/** Reads a manifest's subject; undefined: it has none. */
export function readReferrer(manifest: ManifestContent): Referrer | undefined {
  // Most manifests have no subject; this check saves parsing them.
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
 * Adds a pushed manifest to its subject's fallback index, for registries that do not. Registries have no compare-and-swap, so this reads
 * the index back and adds the entries that another writer overwrote, so that neither of two parallel writers loses its entry for long.
 */
async function addToFallback(
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
  const doing = `adding ${descriptor.digest} to what refers to ${name}@${subject}`;
  throw new SlipwayError("registry-unavailable", `${doing}: others keep writing ${name}:${fallbackTag(subject)}`, {
    data: { registry: registryOf(name) },
  });
}
