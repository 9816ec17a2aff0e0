import type { Readable } from "node:stream";

/** A request as it came, its body read to the end. */
export interface GitHubRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answer to a request. A stream is passed on as it comes. */
export interface GitHubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | Readable;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: GitHubAnswer["body"] = "",
): GitHubAnswer {
  return { status, headers, body };
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): GitHubAnswer {
  return answer(status, { "content-type": "application/json; charset=utf-8", ...headers }, JSON.stringify(value));
}

/** A refusal as GitHub's REST API words it. */
export function refusal(
  status: number,
  message: string,
  more: { readonly errors?: readonly unknown[]; readonly headers?: Record<string, string> } = {},
): GitHubAnswer {
  const { errors, headers } = more;
  const body = {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: "https://docs.github.com/rest",
    status: String(status),
  };
  return json(status, body, headers);
}

export function notFound(): GitHubAnswer {
  return refusal(404, "Not Found");
}

/** 422 with one fault; https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed */
export function invalid(fault: {
  readonly resource: string;
  readonly code: string;
  readonly field: string;
  readonly message?: string;
}): GitHubAnswer {
  return refusal(422, "Validation Failed", { errors: [fault] });
}

/** A refusal of one of the Actions services; https://twitchtv.github.io/twirp/docs/spec_v7.html#error-codes */
export function twirpError(
  status: number,
  code: string,
  msg: string,
  headers: Record<string, string> = {},
): GitHubAnswer {
  return json(status, { code, msg }, headers);
}

/** The JSON object in a body; undefined when there is none. */
export function objectIn(body: Uint8Array): JsonObject | undefined {
  try {
    return asObject(JSON.parse(Buffer.from(body).toString("utf8")));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The objects in a list; none when it is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map(asObject).filter((each) => each !== undefined);
}

export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** One page of a list, with the `Link` header that leads to the others. */
export function pageOf<T>(
  request: GitHubRequest,
  all: readonly T[],
): { readonly items: readonly T[]; readonly headers: Record<string, string> } {
  const number = (name: string, fallback: number) => Number(request.url.searchParams.get(name) ?? "") || fallback;
  const size = Math.min(100, Math.max(1, number("per_page", 30)));
  const page = Math.max(1, number("page", 1));
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (to: number, rel: string) => {
    const url = new URL(request.url);
    url.searchParams.set("page", String(to));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ];
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
}
