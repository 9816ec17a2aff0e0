import { createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How far away a server is. */
export interface Distance {
  /** Milliseconds that each request waits before it is passed on. */
  readonly requestMs: number;
  /** Milliseconds that each new connection waits before its first request is read, as for TCP and TLS. */
  readonly connectionMs: number;
}

/** A way to a server on this machine that takes as long as a network. */
export interface FarServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Requests and connections since the last `reset`. */
  counts(): { readonly requests: number; readonly connections: number };
  reset(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and passes everything on to `target` (`127.0.0.1:PORT`), later. */
export async function startFarServer(target: string, { requestMs, connectionMs }: Distance): Promise<FarServer> {
  let [requests, connections] = [0, 0];
  const http = createHttpServer((incoming, outgoing) => {
    requests += 1;
    void delay(requestMs).then(() => passOn(target, incoming, outgoing));
  });
  http.keepAliveTimeout = 60_000;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    void delay(connectionMs).then(() => http.emit("connection", socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ requests, connections }),
    reset: () => {
      [requests, connections] = [0, 0];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

/** The `Host` header stays, so that the server's `Location` headers lead back here. */
function passOn(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url, headers } = incoming;
  const [hostname, port] = target.split(":");
  const further = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
  });
  further.on("error", () => outgoing.destroy());
  outgoing.on("close", () => further.destroy());
  incoming.pipe(further);
}
