import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { Delivery } from "./memory-fault.ts";
import type { MemoryAnswer, MemoryRequest } from "./memory-message.ts";

type Fetch = typeof globalThis.fetch;
type Handle = (request: MemoryRequest) => Delivery;

/** Makes a `fetch` without a socket that reproduces a socket's behaviour: resets, no answer, interrupted bodies, abort. */
export function makeFetchInMemory(handle: Handle): Fetch {
  return async (input, init) => {
    const request = await readFetchRequest(input, init);
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const delivery = handle(request);
    await Promise.resolve();
    switch (delivery.kind) {
      case "reset":
        throw resetError();
      case "hang":
        return new Promise((_, reject) => whenAborted(signal, reject));
      case "answer":
        return makeResponse(request, delivery.answer, delivery.answer.body);
      case "cut":
        return makeResponse(request, delivery.answer, cutStream(delivery, signal));
    }
  };
}

/** Joins several `fetch` functions by host; any other host is unknown. */
export function joinFetches(hosts: Readonly<Record<string, { readonly fetch: Fetch }>>): Fetch {
  return (input, init) => {
    const { host } = new URL(input instanceof Request ? input.url : input);
    const server = hosts[host];
    if (server !== undefined) return server.fetch(input, init);
    return Promise.reject(failed(`getaddrinfo ENOTFOUND ${host}`, "ENOTFOUND"));
  };
}

async function readFetchRequest(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): Promise<MemoryRequest> {
  const isPlain = init?.body === undefined || init.body === null || init.body instanceof Uint8Array;
  if (!(input instanceof Request) && isPlain) {
    const headers = Object.fromEntries(new Headers(init?.headers));
    const body = init?.body instanceof Uint8Array ? init.body : new Uint8Array();
    return { method: init?.method ?? "GET", url: new URL(input), headers, body };
  }
  const request = new Request(input, init);
  const body = new Uint8Array(await request.arrayBuffer());
  return { method: request.method, url: new URL(request.url), headers: Object.fromEntries(request.headers), body };
}

function makeResponse(request: MemoryRequest, answer: MemoryAnswer, body: Uint8Array | ReadableStream): Response {
  const hasNoBody = request.method === "HEAD" || answer.status === 204 || answer.status === 304;
  return new Response(hasNoBody ? null : body, { status: answer.status, headers: answer.headers });
}

function cutStream(
  delivery: Extract<Delivery, { kind: "cut" }>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isSent && delivery.afterBytes > 0) controller.enqueue(delivery.answer.body.slice(0, delivery.afterBytes));
      else if (delivery.ending === "reset") controller.error(resetError());
      else
        await new Promise<void>((resolve) => whenAborted(signal, () => resolve())).then(() =>
          controller.error(signal?.reason),
        );
      isSent = true;
    },
  });
}

function whenAborted(signal: AbortSignal | undefined, act: (reason: unknown) => void): void {
  if (signal?.aborted === true) act(signal.reason);
  else signal?.addEventListener("abort", () => act(signal.reason), { once: true });
}

function resetError(): TypeError {
  return failed("read ECONNRESET", "ECONNRESET");
}

function failed(message: string, code: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

/** A registry that listens on loopback. */
export interface Listening {
  readonly host: string;
  /** Number of connections opened so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Serves the same over HTTP. */
export async function listenOnLoopback(handle: Handle): Promise<Listening> {
  let connections = 0;
  const server = createServer((message, response) => {
    const parts: Buffer[] = [];
    message.on("data", (part: Buffer) => parts.push(part));
    message.on("end", () => {
      const request = readHttpRequest(message, Buffer.concat(parts));
      deliver(handle(request), request, response);
    });
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host: `127.0.0.1:${port}`, connections: () => connections, close };
}

function readHttpRequest(message: IncomingMessage, body: Buffer): MemoryRequest {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const url = new URL(message.url ?? "/", `http://${headers["host"] ?? "127.0.0.1"}`);
  return { method: message.method ?? "GET", url, headers, body };
}

function deliver(delivery: Delivery, request: MemoryRequest, response: ServerResponse): void {
  const { socket } = response;
  switch (delivery.kind) {
    case "hang":
      return;
    case "reset":
      socket?.resetAndDestroy();
      return;
    case "answer": {
      const { status, headers, body } = delivery.answer;
      response.writeHead(status, { "content-length": String(body.length), ...headers });
      response.end(request.method === "HEAD" ? undefined : body);
      return;
    }
    case "cut": {
      const { status, headers, body } = delivery.answer;
      response.writeHead(status, { "content-length": String(body.length), ...headers });
      response.flushHeaders();
      response.write(body.subarray(0, delivery.afterBytes), () => {
        // The client receives only bytes that were sent before the reset.
        if (delivery.ending === "reset") setTimeout(() => socket?.resetAndDestroy(), 20);
      });
    }
  }
}
