import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Fetch, FetchAnswer, FetchInit } from "../host.ts";
import { type Answer, type Request, makeExchange } from "./exchange.ts";

const mostRedirects = 20;

/**
 * `fetch` over Node's own HTTP: connections are kept for the next request, which the built-in one does not do after a HEAD, and a
 * process that asks little starts twice as fast. Goes through the proxies that the environment names.
 */
export function makeFetch(env: Readonly<Record<string, string | undefined>>): Fetch {
  const exchange = makeExchange(env);
  return async (url, init = {}) => {
    let request = requestOf(url, init);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await exchange(request);
      const next = init.redirect === "manual" ? undefined : redirected(request, answer.message);
      if (next === undefined) return answerOf(request, answer);
      await discard(answer);
      if (redirects === mostRedirects) throw new Error(`more than ${mostRedirects} redirects`);
      request = next;
    }
  };
}

/** With what `fetch` sends unless it is told otherwise. */
function requestOf(url: string, { method = "GET", headers = {}, body, signal }: FetchInit): Request {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]);
  return {
    method,
    url: new URL(url),
    headers: {
      accept: "*/*",
      "accept-encoding": "gzip, deflate",
      "user-agent": "slipway",
      ...(typeof body === "string" ? { "content-type": "text/plain;charset=UTF-8" } : {}),
      ...Object.fromEntries(own),
    },
    body: typeof body === "string" ? Buffer.from(body) : body,
    signal,
  };
}

/** The request that a redirect asks for: https://fetch.spec.whatwg.org/#http-redirect-fetch. Undefined for every other answer. */
function redirected(request: Request, { statusCode = 0, headers: { location } }: IncomingMessage): Request | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return undefined;
  if (!URL.canParse(location, request.url.href)) throw new Error("a redirect leads to no address");
  const url = new URL(location, request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error(`a redirect leads to ${url.protocol}`);
  const isRead = request.method === "GET" || request.method === "HEAD";
  const becomesGet = statusCode === 303 ? !isRead : statusCode < 303 && request.method === "POST";
  const dropped = [
    ...(url.origin === request.url.origin ? [] : ["authorization", "cookie", "host"]),
    ...(becomesGet ? ["content-type", "content-encoding", "content-language", "content-location"] : []),
  ];
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !dropped.includes(name)));
  return { ...request, url, headers, ...(becomesGet ? { method: "GET", body: undefined } : {}) };
}

async function answerOf(request: Request, answer: Answer): Promise<FetchAnswer> {
  const { message } = answer;
  const { statusCode: status = 0 } = message;
  const headers = headersOf(message);
  const isEmpty =
    request.method === "HEAD" || status === 204 || status === 304 || headers.get("content-length") === "0";
  if (isEmpty) await discard(answer);
  const body = isEmpty ? null : readBody(answer, headers.get("content-encoding"), request.signal);
  return {
    status,
    ok: status >= 200 && status < 300,
    url: request.url.href.replace(/#.*$/s, ""),
    headers,
    body,
    text: async () => new TextDecoder().decode(await join(body)),
    arrayBuffer: async () => Uint8Array.from(await join(body)).buffer,
  };
}

/** Lets go of what comes, so that the connection is free for the next request. Whether it comes whole does not count. */
async function discard({ message, released }: Answer): Promise<void> {
  await finished(message.resume()).then(released, () => undefined);
}

/** Several lines of one name are one value, as `Headers` joins them. */
function headersOf(message: IncomingMessage): FetchAnswer["headers"] {
  const values = new Map(
    Object.entries(message.headersDistinct).map(([name, lines = []]) => [name, lines.join(", ")] as const),
  );
  return { get: (name) => values.get(name.toLowerCase()) ?? null, [Symbol.iterator]: () => values.entries() };
}

async function* readBody(
  { message, released }: Answer,
  encoding: string | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of decoded(message, encoding)) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
    await released();
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  } finally {
    // A reader that stopped early does not want the rest; after the end there is nothing to destroy.
    if (!message.complete) message.destroy();
  }
}

/** A proxy may compress what was not asked for compressed. As in `fetch`, an end that is missing is no fault. */
function decoded(message: IncomingMessage, encoding: string | null): Readable {
  const decoder = makeDecoder(encoding?.trim().toLowerCase());
  if (decoder === undefined) return message;
  message.once("error", (error) => decoder.destroy(error));
  return message.pipe(decoder);
}

function makeDecoder(encoding: string | undefined): (Readable & NodeJS.ReadWriteStream) | undefined {
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants;
  switch (encoding) {
    case "gzip":
    case "x-gzip":
      return createGunzip({ flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH });
    case "deflate":
      return createInflate({ flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH });
    case "br":
      return createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH });
    default:
      return undefined;
  }
}

async function join(body: AsyncIterable<Uint8Array> | null): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts);
}
