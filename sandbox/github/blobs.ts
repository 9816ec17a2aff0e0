import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { type GitHubAnswer, type GitHubRequest, answer } from "./message.ts";

/** Bytes behind signed addresses, as Azure's block blobs; https://learn.microsoft.com/rest/api/storageservices/ */
export interface BlobStore {
  /** A new blob without bytes. */
  make(bytes?: Uint8Array): string;
  read(id: string): Uint8Array | undefined;
  remove(id: string): void;
  /** Path and query of an address that can be written or read for an hour. */
  sign(id: string, may: "write" | "read", headers?: { readonly name?: string; readonly type?: string }): string;
  answer(id: string, request: GitHubRequest): GitHubAnswer;
}

export function makeBlobStore(now: () => number): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  const blocks = new Map<string, Map<string, Uint8Array>>();
  const secret = randomBytes(32);
  const signatureOf = (id: string, may: string, until: string) =>
    createHmac("sha256", secret).update(`${id} ${may} ${until}`).digest("base64url");

  return {
    make(bytes) {
      const id = randomUUID();
      if (bytes !== undefined) blobs.set(id, bytes);
      return id;
    },
    read: (id) => blobs.get(id),
    remove(id) {
      blobs.delete(id);
      blocks.delete(id);
    },
    sign(id, may, { name, type } = {}) {
      const until = new Date(now() + 3_600_000).toISOString();
      const query = new URLSearchParams({ se: until, sp: may === "read" ? "r" : "cw" });
      if (name !== undefined) query.set("rscd", `attachment; filename="${name}"`);
      if (type !== undefined) query.set("rsct", type);
      query.set("sig", signatureOf(id, may, until));
      return `/blobs/${id}?${query.toString()}`;
    },
    answer(id, request) {
      const { searchParams } = request.url;
      const isRead = request.method === "GET" || request.method === "HEAD";
      const until = searchParams.get("se") ?? "";
      const isSigned = searchParams.get("sig") === signatureOf(id, isRead ? "read" : "write", until);
      if (!isSigned || !(Date.parse(until) > now())) return fail(403, "AuthenticationFailed");
      if (isRead) return readBlob(blobs.get(id), request);
      if (request.method !== "PUT") return fail(405, "UnsupportedHttpVerb");
      return writeBlob(blobs, blocks, id, request);
    },
  };
}

/** Put Blob, Put Block, Put Block List. */
function writeBlob(
  blobs: Map<string, Uint8Array>,
  blocks: Map<string, Map<string, Uint8Array>>,
  id: string,
  request: GitHubRequest,
): GitHubAnswer {
  switch (request.url.searchParams.get("comp")) {
    case "block": {
      const staged = blocks.get(id) ?? new Map<string, Uint8Array>();
      staged.set(request.url.searchParams.get("blockid") ?? "", request.body);
      blocks.set(id, staged);
      break;
    }
    case "blocklist": {
      const named = [...request.body.toString("utf8").matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g)];
      const parts = named.map((match) => blocks.get(id)?.get(match[1] ?? ""));
      if (parts.includes(undefined)) return fail(400, "InvalidBlockList");
      blobs.set(id, Buffer.concat(parts.filter((part) => part !== undefined)));
      blocks.delete(id);
      break;
    }
    default:
      blobs.set(id, request.body);
  }
  return answer(201, azureHeaders());
}

/** Get Blob, whole or a range. */
function readBlob(blob: Uint8Array | undefined, request: GitHubRequest): GitHubAnswer {
  if (blob === undefined) return fail(404, "BlobNotFound");
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers["x-ms-range"] ?? request.headers["range"] ?? "");
  const first = Number(range?.[1] ?? 0);
  const last = range?.[2] ? Math.min(Number(range[2]), blob.length - 1) : blob.length - 1;
  if (range !== null && first >= blob.length) return fail(416, "InvalidRange");
  const { searchParams } = request.url;
  const disposition = searchParams.get("rscd");
  const headers = {
    ...azureHeaders(),
    "content-type": searchParams.get("rsct") ?? "application/octet-stream",
    "content-length": String(last - first + 1),
    "x-ms-blob-type": "BlockBlob",
    ...(disposition === null ? {} : { "content-disposition": disposition }),
    ...(range === null ? {} : { "content-range": `bytes ${first}-${last}/${blob.length}` }),
  };
  return answer(range === null ? 200 : 206, headers, blob.subarray(first, last + 1));
}

function fail(status: number, code: string): GitHubAnswer {
  return answer(status, { "x-ms-error-code": code });
}

function azureHeaders(): Record<string, string> {
  return {
    "x-ms-request-id": randomUUID(),
    "x-ms-version": "2024-11-04",
    etag: '"1"',
    "last-modified": new Date(0).toUTCString(),
  };
}
