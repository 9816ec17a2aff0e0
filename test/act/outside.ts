import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Something on the network that a Dockerfile adds, and that a test has in its hand. */
export interface Outside {
  /** The instruction that adds it; with a checksum, so that it is known what the image is made of. */
  readonly instruction: string;
  /** From now on: answers it, answers 503, or leaves who asks waiting. */
  answer(how: "well" | "with 503" | "never"): void;
  /** Resolves when somebody asks and is left waiting. */
  waited(): Promise<void>;
  close(): Promise<void>;
}

export async function openOutside(): Promise<Outside> {
  // Of its own: what BuildKit has under a checksum it does not ask for.
  const content = `part of an image ${randomUUID()}\n`;
  let how: "well" | "with 503" | "never" = "well";
  let caught: () => void = () => undefined;
  let waiting = new Promise<void>((resolve) => (caught = resolve));
  const server = createServer((_, response) => {
    switch (how) {
      case "well":
        return void response.end(content);
      case "with 503":
        return void response.writeHead(503).end();
      case "never":
        return caught();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const checksum = createHash("sha256").update(content).digest("hex");
  return {
    instruction: `ADD --checksum=sha256:${checksum} http://127.0.0.1:${port}/part.txt /part.txt`,
    answer(next) {
      how = next;
      waiting = new Promise((resolve) => (caught = resolve));
    },
    waited: () => waiting,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
