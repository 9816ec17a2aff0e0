import type { Agent as HttpAgent, AgentOptions, ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { whenAborted } from "../abort.ts";
import { proxyOf, readProxies } from "./proxy.ts";

/** One request, ready to be sent. Header names in small letters. */
export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
}

/** An answer that begins. Whoever has it reads it to its end or destroys it. */
export interface Answer {
  readonly message: IncomingMessage;
  /** After the end: resolves when the connection is free for the next request, or closed. */
  readonly released: () => Promise<void>;
}

// An `import` of node:http reads all its exports, and loads Node's own fetch by that: a third of what the process takes to start.
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");

type Exchange = (request: Request) => Promise<Answer>;

/** A connection that nobody uses this long is closed: what stands between may have forgotten it. */
const idleMs = 30_000;
const connectMs = 10_000;
/** Nobody waits longer for a byte, whatever else they wait for. */
const silenceMs = 300_000;

/**
 * Requests over connections that are kept. None of them keeps the process alive while it is idle. A connection that the server closed just
 * when it was used again is told from a fault: what only reads is sent once more.
 */
export function makeExchange(env: Readonly<Record<string, string | undefined>>): Exchange {
  const agentFor = makeAgents(env);
  return async (request) => {
    const agent = agentFor(request.url);
    try {
      return await send(request, agent);
    } catch (error) {
      if (!(error instanceof StaleError)) throw error;
      return send(request, agent).catch((again: unknown) => {
        throw again instanceof StaleError ? again.cause : again;
      });
    }
  };
}

/** The request went over a connection that had been used before, and the other side closed it without a byte of an answer. */
class StaleError extends Error {
  override readonly name = "StaleError";
}

type Agents = (url: URL) => HttpAgent;

function makeAgents(env: Readonly<Record<string, string | undefined>>): Agents {
  const proxies = readProxies(env);
  const kept = new Map<string, HttpAgent>();
  return (url) => {
    const proxy = proxies === undefined ? undefined : proxyOf(proxies, url);
    const key = `${url.protocol} ${proxy ?? ""}`;
    const agent = kept.get(key) ?? makeAgent(url.protocol, proxy);
    kept.set(key, agent);
    return agent;
  };
}

/** Node's types for 22 do not know `proxyEnv`, which it has since 22.21. */
type Options = AgentOptions & { readonly proxyEnv?: { readonly HTTP_PROXY: string; readonly HTTPS_PROXY: string } };

function makeAgent(protocol: string, proxy: string | undefined): HttpAgent {
  const options: Options = {
    keepAlive: true,
    timeout: idleMs,
    ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
  };
  return protocol === "https:" ? new https.Agent(options) : new http.Agent(options);
}

function send(request: Request, agent: HttpAgent): Promise<Answer> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(reasonOf(signal));
    const sent = open(request, agent);
    const takeOff =
      signal === undefined ? () => undefined : whenAborted(signal, () => void sent.destroy(reasonOf(signal)));
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const fault = signal?.aborted === true ? reasonOf(signal) : named(error);
      reject(isStale(sent, request, error) ? new StaleError("stale", { cause: fault }) : fault);
    });
    sent.on("timeout", () => sent.destroy(timedOut(`nothing came for ${silenceMs / 1000} s`)));
    sent.on("socket", (socket) => limitConnecting(sent, socket, request.url));
    const closed = new Promise<void>((close) => sent.once("close", close));
    void closed.then(takeOff);
    sent.on("response", (message) => {
      // Whoever answers before it has read everything may never read the rest.
      const released = (): Promise<void> => (sent.writableFinished ? closed : Promise.resolve());
      resolve({ message, released });
    });
    sent.end(request.body);
  });
}

function open({ method, url, headers, body }: Request, agent: HttpAgent): ClientRequest {
  const openRequest = url.protocol === "https:" ? https.request : http.request;
  const hasBody = body !== undefined || !["GET", "HEAD", "DELETE"].includes(method);
  return openRequest({
    agent,
    method,
    protocol: url.protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, ...(hasBody ? { "content-length": String(body?.length ?? 0) } : {}) },
    timeout: silenceMs,
  });
}

/** Go's client decides in the same way: https://pkg.go.dev/net/http#Transport. What changes something may have been done. */
function isStale(sent: ClientRequest, { method, signal }: Request, error: NodeJS.ErrnoException): boolean {
  const isClosed = error.code === "ECONNRESET" || error.code === "EPIPE";
  return sent.reusedSocket && isClosed && signal?.aborted !== true && (method === "GET" || method === "HEAD");
}

function limitConnecting(sent: ClientRequest, socket: Socket, url: URL): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => sent.destroy(timedOut("no connection in time")), connectMs);
  const clear = (): void => clearTimeout(timer);
  socket.once(url.protocol === "https:" ? "secureConnect" : "connect", clear);
  sent.once("close", clear);
}

function timedOut(message: string): Error {
  return Object.assign(new Error(message), { code: "ETIMEDOUT" });
}

/** Where a host has several addresses, Node's error says why each was not reached, and has no message of its own. */
function named(error: Error): Error {
  if (!(error instanceof AggregateError) || error.message !== "") return error;
  const why = [...new Set(error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))))];
  return new Error(why.join("; "), { cause: error });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason });
}
