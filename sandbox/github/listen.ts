import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { buffer } from "node:stream/consumers";
import { type Delivery, type GitHubFault, deliverUnder } from "./fault.ts";
import { type GitHubAnswer, type GitHubRequest, answer } from "./message.ts";

/** A request as it came and what became of it, for fault rules and assertions. */
export interface GitHubLogEntry {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** `api`, `graphql`, `cache`, `artifact`, `blob`, `oidc`, `git`, `download`. */
  readonly kind: string;
  /** The method of a service (`CreateCacheEntry`), else empty. */
  readonly operation: string;
  readonly bytesIn: number;
  /** How many requests of this method to this path came before it. */
  readonly nth: number;
  /** Undefined until it was answered; 0 when it never was. */
  status?: number;
  bytesOut: number;
}

export type GitHubFaultRule = (request: GitHubLogEntry) => GitHubFault | undefined;

/** Every request so far, and the rule of what goes wrong. */
export interface GitHubTraffic {
  readonly log: readonly GitHubLogEntry[];
  clearLog(): void;
  /** How many requests so far were like this: `count({ kind: "cache", operation: "CreateCacheEntry" })`. */
  count(like: Partial<GitHubLogEntry>): number;
  setFaults(rule: GitHubFaultRule | undefined): void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

interface TrafficOptions {
  readonly handle: (request: GitHubRequest) => Promise<GitHubAnswer>;
  readonly describe: (request: GitHubRequest) => Pick<GitHubLogEntry, "kind" | "operation">;
  readonly now: () => number;
}

/** Serves on a free port of 127.0.0.1, writes down what comes, and lets things go wrong. */
export async function listen(options: TrafficOptions): Promise<Listener & { readonly traffic: GitHubTraffic }> {
  const log: GitHubLogEntry[] = [];
  const seen = new Map<string, number>();
  let rule: GitHubFaultRule | undefined;

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(message);
    const key = `${request.method} ${request.url.pathname}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const entry: GitHubLogEntry = {
      method: request.method,
      path: request.url.pathname + request.url.search,
      ...options.describe(request),
      bytesIn: request.body.length,
      nth,
      bytesOut: 0,
    };
    log.push(entry);
    const delivery = await deliverUnder(rule?.(entry), () => options.handle(request), options.now());
    await send(delivery, request, response, entry);
  };

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const traffic: GitHubTraffic = {
    log,
    clearLog: () => void log.splice(0),
    count: (like) => log.filter((entry) => isLike(entry, like)).length,
    setFaults: (next) => {
      rule = next;
    },
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    traffic,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A client that uses this server as its proxy names a whole URL in the request line. */
async function readRequest(message: IncomingMessage): Promise<GitHubRequest> {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const url = new URL(message.url ?? "/", `http://${headers["host"] ?? "127.0.0.1"}`);
  return { method: message.method ?? "GET", url, headers, body: await buffer(message) };
}

async function send(
  delivery: Delivery,
  request: GitHubRequest,
  response: ServerResponse,
  entry: GitHubLogEntry,
): Promise<void> {
  if (delivery.kind !== "answer") {
    entry.status = 0;
    if (delivery.kind === "reset") response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, body } = request.method === "HEAD" ? withoutBody(delivery.answer) : delivery.answer;
  entry.status = status;
  if (body instanceof Readable) {
    body.on("data", (part: Buffer) => {
      entry.bytesOut += part.length;
    });
    response.writeHead(status, headers);
    await pipeline(body, response).catch(() => response.destroy());
    return;
  }
  entry.bytesOut = Buffer.byteLength(body);
  const hasLength = "content-length" in headers || status === 204 || status === 304;
  response.writeHead(status, hasLength ? headers : { "content-length": String(entry.bytesOut), ...headers });
  response.end(body);
}

function withoutBody({ status, headers, body }: GitHubAnswer): GitHubAnswer {
  const length = typeof body === "string" || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined;
  if (body instanceof Readable) body.destroy();
  return answer(status, length === undefined ? headers : { "content-length": String(length), ...headers });
}

function isLike(entry: GitHubLogEntry, like: Partial<GitHubLogEntry>): boolean {
  const fields = new Map<string, unknown>(Object.entries(entry));
  return Object.entries(like).every(([name, value]) => fields.get(name) === value);
}
