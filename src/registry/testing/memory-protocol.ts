import { type Digest, digestOf, isDigest } from "../../model/digest.ts";
import { byCodeUnit } from "../../model/order.ts";
import { readReferrer } from "../referrers.ts";
import {
  type MemoryAnswer,
  type MemoryRequest,
  type Target,
  answer,
  errorAnswer,
  jsonAnswer,
} from "./memory-message.ts";
import { type Store, type StoredRepository, readManifest, removeManifest, writeManifest } from "./memory-store.ts";
import { answerUpload } from "./memory-upload.ts";

/** Abilities of a registry in memory. */
export interface Abilities {
  /** Referrers API: `on`, `off` (404), or `empty` (always answers an empty list). */
  readonly referrers: "on" | "off" | "empty" | "forgotten";
  /** Whether answers carry Docker-Content-Digest. */
  readonly sendsDigests: boolean;
  /** Whether a tag can be deleted by itself. */
  readonly deletesTags: boolean;
  readonly deletes: boolean;
  readonly mounts: boolean;
  /** Whether `Range` is supported for blobs. */
  readonly ranges: boolean;
  /** Whether an upload's location becomes invalid with the next chunk, as in docker-registry 2.8. */
  readonly uploadStates: boolean;
  /** Whether a manifest is rejected while content that it names is missing. */
  readonly validates: boolean;
  /** Upper limit of tags in one page. */
  readonly tagsPerPage: number;
  /** Form of the link to the next page. */
  readonly tagsLink: "absolute" | "relative" | "none";
  /** Origin that blobs are redirected to; undefined: no redirect. */
  readonly redirectBlobsTo: string | undefined;
  /** Upper limit of a chunk in bytes. */
  readonly mostChunkBytes: number;
}

/** Answers a request that passed the gate. Source: OCI distribution-spec 1.1, "Endpoints". */
export function answerRequest(
  store: Store,
  abilities: Abilities,
  request: MemoryRequest,
  target: Target,
  staleReads: number,
): MemoryAnswer {
  switch (target.kind) {
    case "ping":
      return jsonAnswer(200, {});
    case "tags":
      return listTags(store, abilities, request, target.repository);
    case "manifest":
      return answerManifest(store, abilities, request, target, staleReads);
    case "blob":
      return answerBlob(store, abilities, request, target, true);
    case "storage":
      return answerBlob(store, abilities, request, target, false);
    case "upload":
      return answerUpload(store, abilities, request, target);
    case "referrers":
      return listReferrers(store, abilities, request, target);
    case "token":
    case "other":
      return answer(404, { "content-type": "text/plain" }, "404 page not found");
  }
}

function listTags(store: Store, abilities: Abilities, request: MemoryRequest, name: string): MemoryAnswer {
  const repository = store.repositories.get(name);
  if (repository === undefined) return errorAnswer(404, "NAME_UNKNOWN", "repository name not known to registry");
  const { searchParams } = request.url;
  const most = Math.min(Number(searchParams.get("n") ?? Infinity), abilities.tagsPerPage);
  const after = searchParams.get("last") ?? "";
  const rest = [...repository.tags.keys()].filter((tag) => tag > after).toSorted(byCodeUnit);
  const tags = rest.slice(0, most);
  const path = `/v2/${name}/tags/list?last=${encodeURIComponent(tags.at(-1) ?? "")}&n=${most}`;
  const hasNext = rest.length > tags.length && abilities.tagsLink !== "none";
  const base = abilities.tagsLink === "absolute" ? request.url.origin : "";
  return jsonAnswer(200, { name, tags }, hasNext ? { link: `<${base}${path}>; rel="next"` } : {});
}

interface Named {
  readonly repository: string;
  readonly reference: string;
}

function answerManifest(
  store: Store,
  abilities: Abilities,
  request: MemoryRequest,
  { repository: name, reference }: Named,
  staleReads: number,
): MemoryAnswer {
  const unknown = errorAnswer(404, "MANIFEST_UNKNOWN", "manifest unknown");
  switch (request.method) {
    case "GET":
    case "HEAD": {
      const repository = store.repositories.get(name);
      const found = repository === undefined ? undefined : readManifest(repository, reference);
      if (found === undefined) return unknown;
      const { bytes, mediaType } = found.manifest;
      const digest = abilities.sendsDigests ? { "docker-content-digest": found.digest } : {};
      return answer(200, { "content-type": mediaType, "content-length": String(bytes.length), ...digest }, bytes);
    }
    case "PUT":
      return storeManifest(store, abilities, request, { repository: name, reference }, staleReads);
    case "DELETE": {
      if (!abilities.deletes) return errorAnswer(405, "UNSUPPORTED", "The operation is unsupported.");
      const repository = store.repository(name);
      if (isDigest(reference)) return removeManifest(repository, reference) ? answer(202) : unknown;
      if (!abilities.deletesTags)
        return errorAnswer(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
      return repository.tags.delete(reference) ? answer(202) : unknown;
    }
    default:
      return answer(405);
  }
}

function storeManifest(
  store: Store,
  abilities: Abilities,
  request: MemoryRequest,
  { repository: name, reference }: Named,
  staleReads: number,
): MemoryAnswer {
  const mediaType = request.headers["content-type"] ?? "";
  const bytes = request.body.slice();
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return errorAnswer(400, "MANIFEST_INVALID", "manifest invalid");
  }
  if (isDigest(reference) && reference !== digestOf(bytes)) {
    return errorAnswer(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
  }
  const repository = store.repository(name);
  const missing = abilities.validates ? findMissing(repository, content) : undefined;
  if (missing !== undefined) return errorAnswer(400, "MANIFEST_BLOB_UNKNOWN", `blob unknown to registry: ${missing}`);
  const digest = writeManifest(repository, reference, { mediaType, bytes }, staleReads);
  const subject =
    abilities.referrers === "on" || abilities.referrers === "forgotten"
      ? readReferrer({ mediaType, bytes })?.subject
      : undefined;
  return answer(201, {
    location: `/v2/${name}/manifests/${digest}`,
    ...(abilities.sendsDigests ? { "docker-content-digest": digest } : {}),
    ...(subject === undefined ? {} : { "oci-subject": subject }),
  });
}

function findMissing(repository: StoredRepository, content: unknown): string | undefined {
  const fields = new Map<string, unknown>(Object.entries(content ?? {}));
  const blobs = digestsIn([fields.get("config"), fields.get("layers")].flat());
  const manifests = digestsIn([fields.get("manifests")].flat());
  return (
    blobs.find((digest) => !repository.blobs.has(digest)) ??
    manifests.find((digest) => !repository.manifests.has(digest))
  );
}

function digestsIn(values: readonly unknown[]): readonly Digest[] {
  return values.flatMap((value) => {
    if (typeof value !== "object" || value === null || !("digest" in value)) return [];
    return typeof value.digest === "string" && isDigest(value.digest) ? [value.digest] : [];
  });
}

function answerBlob(
  store: Store,
  abilities: Abilities,
  request: MemoryRequest,
  { repository: name, reference }: Named,
  redirects: boolean,
): MemoryAnswer {
  const bytes = isDigest(reference) ? store.repositories.get(name)?.blobs.get(reference) : undefined;
  if (bytes === undefined) return errorAnswer(404, "BLOB_UNKNOWN", "blob unknown to registry");
  if (request.method !== "GET" && request.method !== "HEAD") return answer(405);
  if (redirects && abilities.redirectBlobsTo !== undefined) {
    return answer(307, { location: `${abilities.redirectBlobsTo}/storage/${name}/${reference}?signature=top-secret` });
  }
  const headers = { "content-type": "application/octet-stream", "docker-content-digest": reference };
  const range = abilities.ranges ? /^bytes=(\d+)-$/.exec(request.headers["range"] ?? "") : null;
  if (range === null) return answer(200, { ...headers, "content-length": String(bytes.length) }, bytes);
  const start = Number(range[1]);
  if (start >= bytes.length) return answer(416, { "content-range": `bytes */${bytes.length}` });
  const part = bytes.subarray(start);
  const contentRange = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  return answer(206, { ...headers, "content-length": String(part.length), "content-range": contentRange }, part);
}

function listReferrers(
  store: Store,
  abilities: Abilities,
  request: MemoryRequest,
  { repository: name, reference }: Named,
): MemoryAnswer {
  if (abilities.referrers === "off") return answer(404, { "content-type": "text/plain" }, "404 page not found");
  const wanted = request.url.searchParams.get("artifactType");
  const all = [...(store.repositories.get(name)?.manifests.values() ?? [])];
  const listed = abilities.referrers === "on" ? all : [];
  const manifests = listed
    .map((manifest) => readReferrer(manifest))
    .filter((referrer) => referrer?.subject === reference)
    .flatMap((referrer) => (referrer === undefined ? [] : [referrer.descriptor]))
    .filter((descriptor) => wanted === null || descriptor.artifactType === wanted);
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  return jsonAnswer(200, index, {
    "content-type": index.mediaType,
    ...(wanted === null ? {} : { "oci-filters-applied": "artifactType" }),
  });
}
