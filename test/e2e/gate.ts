import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** Which requests are meant: `PUT /v2/acme/releases/manifests/1.0.0`, method and path in one line. */
export interface Catch {
  readonly matching: RegExp;
  /** How many matching requests pass before the first one is held. Default: none. */
  readonly after?: number;
  /** How many are held; those that come later pass. Default: all. */
  readonly most?: number;
  /** Hold it before the registry sees it, or hold back the registry's answer. Default: before. */
  readonly when?: "before" | "answered";
}

/** Requests that are being held. */
export interface Held {
  /** Resolves with the first one's line when it is held. */
  readonly caught: Promise<string>;
  /** Lets all go on that are held, and those that come. */
  release(): void;
}

/** Fault of one request. `run` acts when the request arrives, for example by killing the client; the request is then dropped. */
export type Strike =
  /** The connection is reset, before the registry sees the request or after it has carried it out. */
  | { readonly kind: "drop"; readonly when: "before" | "after" }
  /** The registry does not see the request. */
  | { readonly kind: "status"; readonly status: number }
  /** Half of the answer's body, then a reset; an answer without a body is lost whole. */
  | { readonly kind: "cut" }
  | { readonly kind: "delay"; readonly milliseconds: number }
  | { readonly kind: "alter" }
  | { readonly kind: "run"; readonly when: "before" | "after"; readonly run: () => void };

/** A request that something goes wrong with. */
export interface Struck {
  /** Its line; undefined while it has not come. */
  readonly line: string | undefined;
  remove(): void;
}

/** A door in front of a registry: what comes through is counted, and can be held, lost or altered. */
export interface Gate {
  /** `127.0.0.1:PORT`, to be used in image names in the registry's place. */
  readonly host: string;
  /** `METHOD /path?query` of every request so far. */
  readonly seen: readonly string[];
  hold(what: Catch): Held;
  /** Answers of this path have one byte changed on their way, until the returned function is called. */
  alter(matching: RegExp): () => void;
  /** Strikes the request that comes as number `at` from now on, counted from 1; of those that match, where `matching` is given. */
  strike(at: number, strike: Strike, matching?: RegExp): Struck;
  close(): Promise<void>;
}

interface Waiting {
  left: number;
  line: string | undefined;
  readonly matching: RegExp | undefined;
  readonly strike: Strike;
}

interface Holding {
  readonly what: Catch;
  count: number;
  readonly open: Promise<void>;
  readonly caught: (line: string) => void;
}

/** Stands in front of the registry at `host:port`, on another address of loopback where one is given. */
export async function openGate(upstream: string, address = "127.0.0.1"): Promise<Gate> {
  const seen: string[] = [];
  const holdings = new Set<Holding>();
  const altered = new Set<RegExp>();
  const strikes = new Set<Waiting>();
  const sockets = new Set<Socket>();

  const pass = async (line: string, when: "before" | "answered"): Promise<void> => {
    for (const holding of holdings) {
      if ((holding.what.when ?? "before") !== when || !holding.what.matching.test(line)) continue;
      holding.count += 1;
      const { after = 0, most = Infinity } = holding.what;
      if (holding.count <= after || holding.count > after + most) continue;
      holding.caught(line);
      await holding.open;
    }
  };
  const strikeOf = (line: string): Strike | undefined => {
    for (const each of strikes) {
      if (each.matching?.test(line) === false) continue;
      each.left -= 1;
      if (each.left !== 0) continue;
      each.line = line;
      return each.strike;
    }
    return undefined;
  };
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const line = `${incoming.method ?? ""} ${incoming.url ?? ""}`;
    seen.push(line);
    const strike = strikeOf(line);
    await pass(line, "before");
    // The client was killed meanwhile, so the registry does not get the request.
    if (incoming.destroyed && !incoming.complete) return;
    if (outgoing.destroyed) return;
    const isAltered = [...altered].some((each) => each.test(line));
    const answered = (): Promise<void> => pass(line, "answered");
    forward(upstream, { incoming, outgoing, strike: strike ?? (isAltered ? { kind: "alter" } : undefined), answered });
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(server, address);
  return {
    host: `${address}:${port}`,
    seen,
    hold: (what) => {
      let caught: (line: string) => void = () => undefined;
      let open: () => void = () => undefined;
      const first = new Promise<string>((resolve) => (caught = resolve));
      const holding: Holding = { what, count: 0, caught, open: new Promise((resolve) => (open = resolve)) };
      holdings.add(holding);
      const release = (): void => {
        holdings.delete(holding);
        open();
      };
      return { caught: first, release };
    },
    alter: (matching) => {
      altered.add(matching);
      return () => void altered.delete(matching);
    },
    strike: (at, strike, matching) => {
      const waiting: Waiting = { left: at, line: undefined, matching, strike };
      strikes.add(waiting);
      return {
        get line() {
          return waiting.line;
        },
        remove: () => void strikes.delete(waiting),
      };
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Passing {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly strike: Strike | undefined;
  /** Waits while the answer is held. */
  readonly answered: () => Promise<void>;
}

function forward(upstream: string, passing: Passing): void {
  const { incoming, outgoing, strike } = passing;
  if (isStruckBefore(strike)) return strikeBefore(strike, incoming, outgoing);
  const [hostname, port] = upstream.split(":");
  const { method, url: path, headers } = incoming;
  const onward = httpRequest({ hostname, port, method, path, headers }, (answer) => {
    giveBack(answer, passing).catch(() => outgoing.destroy());
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

type StrikeBefore = Extract<Strike, { readonly kind: "drop" | "run" | "status" }>;

function isStruckBefore(strike: Strike | undefined): strike is StrikeBefore {
  return strike?.kind === "status" || (strike !== undefined && "when" in strike && strike.when === "before");
}

function strikeBefore(strike: StrikeBefore, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (strike.kind !== "status") {
    if (strike.kind === "run") strike.run();
    incoming.socket.destroy();
    return;
  }
  incoming.resume();
  const body = JSON.stringify({ errors: [{ code: "INJECTED", message: `a fault of status ${strike.status}` }] });
  const send = (): void => {
    outgoing.writeHead(strike.status, { "content-type": "application/json", "content-length": body.length });
    outgoing.end(incoming.method === "HEAD" ? undefined : body);
  };
  if (incoming.complete) send();
  else incoming.once("end", send);
}

async function giveBack(answer: IncomingMessage, { incoming, outgoing, strike, answered }: Passing): Promise<void> {
  await answered();
  if (strike === undefined) {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    return;
  }
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  if (strike.kind === "drop" || strike.kind === "run" || (strike.kind === "cut" && body.length < 2)) {
    if (strike.kind === "run") strike.run();
    incoming.socket.destroy();
    return;
  }
  if (strike.kind === "delay") await new Promise((resolve) => setTimeout(resolve, strike.milliseconds));
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  if (strike.kind === "cut") {
    outgoing.write(body.subarray(0, body.length >> 1), () => incoming.socket.destroy());
    return;
  }
  outgoing.end(strike.kind === "alter" ? withOneByteChanged(body) : body);
}

/** JSON stays JSON: a space somewhere becomes a tab, else a digit of the last digest another one. */
function withOneByteChanged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.lastIndexOf("sha256:");
  if (at >= 0) copy[at + 7] = copy[at + 7] === 0x30 ? 0x31 : 0x30;
  return copy;
}

async function listen(server: Server, address: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  return (server.address() as AddressInfo).port;
}
