import type { BlobStore } from "./blobs.ts";
import { type CacheStore, accessOf } from "./cache-store.ts";
import { type GitHubAnswer, type JsonObject, asText, json, twirpError } from "./message.ts";
import type { RuntimeClaims } from "./token.ts";

/** Cache service, version 2, for a token that was checked. `base` is where blobs are. */
export function answerCacheService(
  { caches, blobs, base }: { readonly caches: CacheStore; readonly blobs: BlobStore; readonly base: string },
  method: string,
  claims: RuntimeClaims,
  message: JsonObject,
): GitHubAnswer {
  const key = asText(message["key"]);
  const version = asText(message["version"]);
  if (key === "" || version === "") return twirpError(400, "invalid_argument", "key and version are required");
  if (key.length > 512) return twirpError(400, "invalid_argument", "key is too long: at most 512 characters");
  if (key.includes(",")) return twirpError(400, "invalid_argument", "key cannot contain commas");
  const { writes, reads } = accessOf(claims.scopes);
  switch (method) {
    case "CreateCacheEntry": {
      if (writes === undefined) return writeDenied();
      const reservation = caches.reserve(writes, key, version);
      switch (reservation.kind) {
        case "exists":
          return twirpError(409, "already_exists", "cache entry with the same key, version, and scope already exists");
        case "too-many": {
          const headers = { "retry-after": String(reservation.retryAfterSeconds) };
          return twirpError(429, "resource_exhausted", "too many cache entry uploads", headers);
        }
        case "reserved":
          return json(200, {
            ok: true,
            signed_upload_url: base + blobs.sign(reservation.blobId, "write"),
            message: "",
          });
      }
      break;
    }
    case "FinalizeCacheEntryUpload": {
      if (writes === undefined) return writeDenied();
      const entry = caches.finish(writes, key, version);
      if (entry === undefined) return twirpError(404, "not_found", "no such upload");
      return json(200, { ok: true, entry_id: String(entry.id), message: "" });
    }
    case "GetCacheEntryDownloadURL": {
      if (reads.length === 0) {
        return twirpError(403, "permission_denied", "cache read denied: token has no readable scopes");
      }
      const restoreKeys = message["restore_keys"] ?? message["restoreKeys"];
      const others = Array.isArray(restoreKeys) ? restoreKeys.map(asText).filter((other) => other !== "") : [];
      const found = caches.find(reads, version, [key, ...others]);
      if (found === undefined) return json(200, { ok: false, signed_download_url: "", matched_key: "" });
      const url = base + blobs.sign(found.blobId, "read");
      return json(200, { ok: true, signed_download_url: url, matched_key: found.key });
    }
  }
  return twirpError(404, "bad_route", `no method ${method}`);
}

/** `@actions/cache` knows a refusal by policy by how this begins. */
function writeDenied(): GitHubAnswer {
  return json(200, { ok: false, signed_upload_url: "", message: "cache write denied: token has no writable scopes" });
}
