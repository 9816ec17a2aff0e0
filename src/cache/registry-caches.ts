import { hasKind } from "../errors.ts";
import type { StoredCache } from "../model/cache-documents.ts";
import { digestOf } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { type Content, parseImageConfig, readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { type CacheOwner, parseBuildTag, parseCacheTag } from "./names.ts";
import type { ImageTag } from "./retention.ts";

/** Caches and temporary builds under an image name. */
export interface ImageCaches {
  readonly image: ImageName;
  readonly caches: readonly StoredCache[];
  /** Number of builds beyond those that one run reads. */
  readonly more: number;
  /** All tags of the image name. */
  readonly tags: readonly string[];
}

/** Number of builds that one run reads, since each takes three requests. The next run reads the rest. */
const mostBuilds = 200;
const mostTags = 3000;

/** Lists an image name's caches and temporary builds, with size and age if their manifests have them. */
export async function readImageCaches(registry: Registry, image: ImageName): Promise<ImageCaches> {
  const tags = await registry.listTags(image);
  const caches = tags.flatMap((tag) => withOwner(tag, "cache", parseCacheTag(tag)));
  const builds = tags.flatMap((tag) => withOwner(tag, "build", parseBuildTag(tag)));
  const read = [...caches, ...builds.slice(0, mostBuilds)].map((named) => readCache(registry, image, named));
  return {
    image,
    caches: (await Promise.all(read)).filter((each) => each !== undefined),
    more: Math.max(0, builds.length - mostBuilds),
    tags,
  };
}

interface NamedTag {
  readonly tag: string;
  readonly kind: "cache" | "build";
  readonly owner: CacheOwner;
}

function withOwner(tag: string, kind: NamedTag["kind"], owner: CacheOwner | undefined): NamedTag[] {
  return owner === undefined ? [] : [{ tag, kind, owner }];
}

async function readCache(registry: Registry, image: ImageName, named: NamedTag): Promise<StoredCache | undefined> {
  const { tag, kind, owner } = named;
  const raw = await registry.getManifest(image, tag);
  if (raw === undefined) return undefined;
  const { bytes, createdAt } = await (kind === "cache" ? readExported(raw) : readBuild(registry, image, raw));
  return {
    tier: "registry",
    kind,
    name: `${image}:${tag}`,
    id: null,
    digest: raw.digest,
    service: owner.service,
    platform: owner.platform,
    ref: null,
    pullRequest: null,
    bytes,
    createdAt,
    lastUsedAt: null,
  };
}

interface Measured {
  readonly bytes: number;
  readonly createdAt: string | null;
}

/** Reads when a cache was exported. BuildKit stores a creation time with each layer; the newest is that of the export, or older. */
function readExported(raw: RawManifest): Measured {
  const content = readContent(raw.bytes);
  const parts = [...(content?.layers ?? []), ...(content?.manifests ?? [])];
  const times = parts.flatMap(({ annotations }) => parseTime(annotations?.["buildkit/createdat"]) ?? []);
  return { bytes: sizeOf(content), createdAt: times.sort().at(-1) ?? null };
}

/** Reads when a build was made. Slipway stores the time in a label, because the config's own time may be that of a cached layer. */
async function readBuild(registry: Registry, image: ImageName, raw: RawManifest): Promise<Measured> {
  const unknown = { bytes: 0, createdAt: null };
  const [first] = readContent(raw.bytes)?.manifests ?? [];
  const manifest = first === undefined ? raw : await registry.getManifest(image, first.digest);
  const content = manifest === undefined ? undefined : readContent(manifest.bytes);
  if (content?.config === undefined) return unknown;
  const bytes = await registry.getBlob(image, content.config).catch(passOverWhatIsGone);
  const config = bytes === undefined ? undefined : parseImageConfig(bytes);
  const label = config?.config?.Labels?.["org.opencontainers.image.created"];
  return { bytes: sizeOf(content), createdAt: parseTime(label) ?? null };
}

function passOverWhatIsGone(error: unknown): undefined {
  if (!hasKind(error, "content-missing", "content-too-large")) throw error;
}

function sizeOf(content: Content | undefined): number {
  const parts = content === undefined ? [] : [content.config, ...content.layers, ...content.manifests];
  const sizes = new Map(parts.flatMap((part) => (part === undefined ? [] : [[part.digest, part.size] as const])));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function parseTime(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Reads which manifests every tag needs. Undefined, so that nothing is deleted, if one tag cannot be read or there are too many. */
export async function readNeeds(
  registry: Registry,
  { image, tags }: Pick<ImageCaches, "image" | "tags">,
): Promise<readonly ImageTag[] | undefined> {
  if (tags.length > mostTags) return undefined;
  const read = await Promise.all(
    tags.map(async (tag): Promise<ImageTag | undefined> => {
      const raw = await registry.getManifest(image, tag);
      const content = raw === undefined ? undefined : readContent(raw.bytes);
      if (raw === undefined || content === undefined) return undefined;
      return { tag, digest: digestOf(raw.bytes), children: content.manifests.map(({ digest }) => digest) };
    }),
  );
  const known = read.filter((each) => each !== undefined);
  return known.length === tags.length ? known : undefined;
}
