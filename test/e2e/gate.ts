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

/** A door in front of a registry: what comes through is counted, and can be held, lost or altered. */
export interface Gate {
  /** `127.0.0.1:PORT`, to be used in image names in the registry's place. */
  readonly host: string;
  /** `METHOD /path?query` of every request so far. */
  readonly seen: readonly string[];
  hold(what: Catch): Held;
  /** Answers of this path have one byte changed on their way, until the returned function is called. */
  alter(matching: RegExp): () => void;
  close(): Promise<void>;
}

interface Holding {
  readonly what: Catch;
  count: number;
  readonly open: Promise<void>;
  readonly caught: (line: string) => void;
}

/** Stands in front of the registry at `host:port`. */
export async function openGate(upstream: string): Promise<Gate> {
  const seen: string[] = [];
  const holdings = new Set<Holding>();
  const altered = new Set<RegExp>();
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
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const line = `${incoming.method ?? ""} ${incoming.url ?? ""}`;
    seen.push(line);
    await pass(line, "before");
    // Whoever asked was killed meanwhile: the registry never hears of it.
    if (incoming.destroyed && !incoming.complete) return;
    if (outgoing.destroyed) return;
    const isAltered = [...altered].some((each) => each.test(line));
    forward(upstream, incoming, outgoing, isAltered, () => pass(line, "answered"));
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(server);
  return {
    host: `127.0.0.1:${port}`,
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
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function forward(
  upstream: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isAltered: boolean,
  answered: () => Promise<void>,
): void {
  const [hostname, port] = upstream.split(":");
  const { method, url: path, headers } = incoming;
  const onward = httpRequest({ hostname, port, method, path, headers }, (answer) => {
    const give = async (): Promise<void> => {
      await answered();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (!isAltered) return void answer.pipe(outgoing);
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part as Buffer);
      outgoing.end(withOneByteChanged(Buffer.concat(parts)));
    };
    give().catch(() => outgoing.destroy());
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

/** JSON stays JSON: a space somewhere becomes a tab, else a digit of the last digest another one. */
function withOneByteChanged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.lastIndexOf("sha256:");
  if (at >= 0) copy[at + 7] = copy[at + 7] === 0x30 ? 0x31 : 0x30;
  return copy;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
