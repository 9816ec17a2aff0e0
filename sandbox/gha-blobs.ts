import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { count, send, type Store } from "./gha-store.ts";

/** Azure block blobs: Put Blob, Put Block, Put Block List, Get Blob; https://learn.microsoft.com/rest/api/storageservices/ */
export function answerBlob(
  store: Store,
  id: string,
  url: URL,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  const comp = url.searchParams.get("comp");
  count(store, [request.method, comp].filter(Boolean).join(" "));
  if (request.method === "GET" || request.method === "HEAD") return sendBlob(store, id, request, response);
  if (request.method !== "PUT") return send(store, response, 405, {}, "");
  if (comp === "block") {
    const blocks = store.blocks.get(id) ?? new Map<string, Uint8Array>();
    blocks.set(url.searchParams.get("blockid") ?? "", body);
    store.blocks.set(id, blocks);
  } else if (comp === "blocklist") {
    const named = [...body.toString("utf8").matchAll(/<(?:Latest|Uncommitted|Committed)>([^<]+)</g)].map(
      (match) => match[1] ?? "",
    );
    const blocks = named.map((name) => store.blocks.get(id)?.get(name));
    if (blocks.includes(undefined)) return send(store, response, 400, { "x-ms-error-code": "InvalidBlockList" }, "");
    store.blobs.set(id, Buffer.concat(blocks.filter((block) => block !== undefined)));
    store.blocks.delete(id);
  } else {
    store.blobs.set(id, body);
  }
  send(store, response, 201, azureHeaders(), "");
}

function sendBlob(store: Store, id: string, request: IncomingMessage, response: ServerResponse): void {
  const blob = store.blobs.get(id);
  if (!blob) return send(store, response, 404, { "x-ms-error-code": "BlobNotFound" }, "");
  const header = request.headers["x-ms-range"] ?? request.headers.range ?? "";
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(header));
  const first = range ? Number(range[1]) : 0;
  const last = range?.[2] ? Math.min(Number(range[2]), blob.length - 1) : blob.length - 1;
  if (range && first >= blob.length) return send(store, response, 416, { "x-ms-error-code": "InvalidRange" }, "");
  const headers = {
    ...azureHeaders(),
    "content-type": "application/octet-stream",
    "content-length": String(last - first + 1),
    "x-ms-blob-type": "BlockBlob",
    ...(range ? { "content-range": `bytes ${first}-${last}/${blob.length}` } : {}),
  };
  send(store, response, range ? 206 : 200, headers, request.method === "HEAD" ? "" : blob.subarray(first, last + 1));
}

function azureHeaders(): Record<string, string> {
  return {
    "x-ms-request-id": randomUUID(),
    "x-ms-version": "2024-11-04",
    etag: '"1"',
    "last-modified": new Date(0).toUTCString(),
  };
}
