import type { FetchAnswer, Host } from "../host.ts";
import { isLoopback } from "../formats/address.ts";
import { FaultError } from "./fault.ts";
import { type Watch, makeWatch } from "./watch.ts";

/** One HTTP request. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Authorization for the origin of `url`. It is not sent to the target of a redirect. */
  readonly authorization: string | undefined;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
  /**
   * Whether to return a redirect to another origin instead of following it, because the request's content is meant for its own server only.
   */
  readonly staysAtOrigin?: boolean;
}

/** An answer whose body may still be arriving. The caller must read it to the end or close it. */
export interface WireAnswer {
  readonly status: number;
  readonly url: URL;
  header(name: string): string | null;
  /** Reads the rest of the body. Throws a fault if it breaks off, stalls, is too slow, or is longer than `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>;
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  close(): void;
}

/** Sends HTTP requests with timeouts and its own redirects, and counts them. */
export interface Wire {
  open(request: WireRequest): Promise<WireAnswer>;
  readonly counts: { requests: number; bytesRead: number; bytesWritten: number };
}

/** Timeouts in milliseconds. */
export interface Timeouts {
  /** Time until an answer begins; a large request body extends it. */
  readonly answerMs: number;
  /** Time that a body may stall. */
  readonly stallMs: number;
}

const mostRedirects = 5;
/** Minimum speed of a request's body. */
const slowestBytesPerMs = 50;
/** Minimum speed of an answer's body, after the first `stallMs`. */
const slowestReadBytesPerMs = 10;

/** Makes a wire over the host's `fetch`. */
export function makeWire(host: Host, timeouts: Timeouts): Wire {
  const counts = { requests: 0, bytesRead: 0, bytesWritten: 0 };
  const openOnce = async (request: WireRequest): Promise<WireAnswer> => {
    const watch = makeWatch(host, request.signal);
    counts.requests += 1;
    counts.bytesWritten += request.body?.length ?? 0;
    const answerMs = timeouts.answerMs + (request.body?.length ?? 0) / slowestBytesPerMs;
    try {
      watch.expect(answerMs, "answer");
      const response = await host.fetch(request.url.href, {
        method: request.method,
        headers: headersOf(request),
        redirect: "manual",
        signal: watch.signal,
        ...(request.body === undefined ? {} : { body: request.body }),
      });
      watch.rest();
      return new StreamedAnswer(response, request, {
        watch,
        stallMs: timeouts.stallMs,
        now: () => host.monotonic(),
        count: (bytes) => (counts.bytesRead += bytes),
      });
    } catch (error) {
      watch.end();
      throw watch.explain(error);
    }
  };
  const open = async (request: WireRequest): Promise<WireAnswer> => {
    let next = request;
    for (let redirects = 0; ; redirects++) {
      const answer = await openOnce(next);
      const target = redirectOf(answer, next);
      if (target === undefined || (next.staysAtOrigin === true && target.origin !== next.url.origin)) return answer;
      await discard(answer);
      if (redirects >= mostRedirects) {
        throw new FaultError({ kind: "answer", detail: `more than ${mostRedirects} redirects` });
      }
      next = redirected(next, target);
    }
  };
  return { open, counts };
}

/** Reads the rest of a small answer, so that the connection can be reused; cuts the connection of a large one. */
export async function discard(answer: WireAnswer): Promise<void> {
  await answer.bytes(65_536).catch(() => undefined);
  answer.close();
}

function headersOf(request: WireRequest): Record<string, string> {
  return {
    "user-agent": "slipway",
    "accept-encoding": "identity",
    ...request.headers,
    ...(request.authorization === undefined ? {} : { authorization: request.authorization }),
  };
}

function redirectOf(answer: WireAnswer, request: WireRequest): URL | undefined {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const statuses = isRead ? [301, 302, 303, 307, 308] : [307, 308];
  const location = answer.header("location");
  if (!statuses.includes(answer.status) || location === null || !URL.canParse(location, request.url.href))
    return undefined;
  return new URL(location, request.url);
}

/** The request that follows a redirect. Drops credentials for another origin, and refuses to change from HTTPS to HTTP. */
function redirected(request: WireRequest, target: URL): WireRequest {
  const isDowngrade = request.url.protocol === "https:" && target.protocol !== "https:" && !isLoopback(target.host);
  if (isDowngrade || (target.protocol !== "http:" && target.protocol !== "https:")) {
    const detail = `refused to follow a redirect from ${request.url.origin} to ${target.protocol}//${target.host}`;
    throw new FaultError({ kind: "answer", detail });
  }
  const isSameOrigin = target.origin === request.url.origin;
  return { ...request, url: target, authorization: isSameOrigin ? request.authorization : undefined };
}

/** What is needed to read an answer: its watch, clock and byte counter. */
interface Reading {
  readonly watch: Watch;
  readonly stallMs: number;
  /** Current time on the host's monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly count: (bytes: number) => void;
}

/** An answer that streams over the host's `fetch`. */
class StreamedAnswer implements WireAnswer {
  readonly status: number;
  readonly url: URL;
  readonly #response: FetchAnswer;
  readonly #reading: Reading;
  /** Whether the body was read to its end or closed. */
  #isDone: boolean;

  constructor(response: FetchAnswer, request: WireRequest, reading: Reading) {
    this.status = response.status;
    this.url = request.url;
    this.#response = response;
    this.#reading = reading;
    this.#isDone = response.body === null || request.method === "HEAD";
    if (this.#isDone) reading.watch.end();
  }

  header(name: string): string | null {
    return this.#response.headers.get(name);
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    if (!this.#isDone && Number(this.header("content-length") ?? 0) > limit) {
      this.close();
      throw tooLong(limit);
    }
    for await (const chunk of this.chunks()) {
      length += chunk.length;
      if (length > limit) throw tooLong(limit);
      parts.push(chunk);
    }
    return joinBytes(parts, length);
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const { body } = this.#response;
    if (this.#isDone || body === null) return;
    let read = 0;
    try {
      for await (const chunk of this.#paced(body)) {
        read += chunk.length;
        yield chunk;
      }
      this.#isDone = true;
      checkLength(this.#response, read);
    } catch (error) {
      throw error instanceof FaultError ? error : this.#reading.watch.explain(error);
    } finally {
      if (this.#isDone) this.#reading.watch.end();
      else this.close();
    }
  }

  /** Streams the body. Throws `FaultError` if it stalls or is too slow overall. */
  async *#paced(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const { watch, stallMs, now, count } = this.#reading;
    let read = 0;
    let waitedMs = 0;
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      watch.expect(stallMs, "body");
      const askedAt = now();
      const next = await chunks.next();
      watch.rest();
      waitedMs += now() - askedAt;
      if (next.done === true) return;
      read += next.value.length;
      count(next.value.length);
      if (waitedMs > stallMs + read / slowestReadBytesPerMs) {
        throw new FaultError({ kind: "time-out", seconds: Math.round(waitedMs / 100) / 10, waitingFor: "rest" });
      }
      yield next.value;
    }
  }

  close(): void {
    if (!this.#isDone) this.#reading.watch.cut();
    this.#isDone = true;
    this.#reading.watch.end();
  }
}

function tooLong(limit: number): FaultError {
  return new FaultError({ kind: "answer", detail: `the answer is longer than ${limit} bytes` });
}

/** Throws if a body ended early without an error, which a proxy may cause. */
function checkLength(response: FetchAnswer, read: number): void {
  const length = response.headers.get("content-length");
  if (length === null || response.headers.get("content-encoding") !== null || Number(length) === read) return;
  const detail = `the answer broke off after ${read} of ${length} bytes`;
  throw new FaultError({ kind: "connection", what: "broken", detail });
}

/** Joins parts with this total length. */
export function joinBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
