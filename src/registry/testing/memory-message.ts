/** A request to the registry in memory, from `fetch` or from a socket. */
export interface MemoryRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface MemoryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();

export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: Uint8Array | string = "",
): MemoryAnswer {
  return { status, headers, body: typeof body === "string" ? encoder.encode(body) : body };
}

export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): MemoryAnswer {
  return answer(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));
}

/** An error answer. Source: distribution-spec, "Error Codes". */
export function errorAnswer(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): MemoryAnswer {
  return jsonAnswer(status, { errors: [{ code, message }] }, headers);
}

/** The object of a request, parsed from its path. */
export type Target =
  | { readonly kind: "ping" }
  | { readonly kind: "token" }
  | { readonly kind: "storage"; readonly repository: string; readonly reference: string }
  | {
      readonly kind: "manifest" | "blob" | "upload" | "referrers";
      readonly repository: string;
      readonly reference: string;
    }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "other" };

export function targetOf(url: URL): Target {
  const path = decodeURIComponent(url.pathname);
  if (path === "/v2/" || path === "/v2") return { kind: "ping" };
  if (path === "/token") return { kind: "token" };
  const storage = /^\/storage\/(.+)\/([^/]+)$/.exec(path);
  if (storage !== null) return { kind: "storage", repository: storage[1] ?? "", reference: storage[2] ?? "" };
  const tags = /^\/v2\/(.+)\/tags\/list$/.exec(path);
  if (tags !== null) return { kind: "tags", repository: tags[1] ?? "" };
  const upload = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/.exec(path);
  if (upload !== null) return { kind: "upload", repository: upload[1] ?? "", reference: upload[2] ?? "" };
  const other = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/]+)$/.exec(path);
  if (other === null) return { kind: "other" };
  const kind = other[2] === "manifests" ? "manifest" : other[2] === "blobs" ? "blob" : "referrers";
  return { kind, repository: other[1] ?? "", reference: other[3] ?? "" };
}
