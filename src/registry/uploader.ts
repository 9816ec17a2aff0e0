import { isInterruption, SlipwayError } from "../errors.ts";
import type { Digest } from "../model/digest.ts";
import type { ImageName } from "../model/reference.ts";
import { hasBlob } from "./blobs.ts";
import { isLoopback } from "../formats/address.ts";
import type { Transport } from "./transport.ts";
import type { Call, Reply } from "./call.ts";

/** The requests of one upload. Source: distribution-spec, "Pushing a blob in chunks". */
export interface Uploader {
  readonly doing: string;
  start(): Promise<URL>;
  /** PATCH: sends one chunk. */
  send(session: URL, chunk: Uint8Array, offset: number, tries: number): Promise<Reply>;
  /** PUT: ends the session, with the whole blob or with an empty body. `tries`: default as for other requests. */
  finish(session: URL, bytes: Uint8Array, tries?: number): Promise<Reply | "done">;
  /** GET: the received offset; undefined: the session no longer exists. */
  ask(session: URL): Promise<{ session: URL; offset: number } | undefined>;
  cancel(session: URL): Promise<void>;
  pause(tries: number, error: unknown): Promise<void>;
}

/** Makes the uploader of one blob. */
export function makeUploader(
  transport: Transport,
  name: ImageName,
  digest: Digest,
  signal: AbortSignal | undefined,
): Uploader {
  return new BlobUploader(transport, { name, digest, signal });
}

const octets = { "content-type": "application/octet-stream" };

/** The blob of an upload. */
interface UploadedBlob {
  readonly name: ImageName;
  readonly digest: Digest;
  readonly signal: AbortSignal | undefined;
}

class BlobUploader implements Uploader {
  readonly doing: string;
  readonly #transport: Transport;
  readonly #blob: UploadedBlob;

  constructor(transport: Transport, blob: UploadedBlob) {
    this.doing = `pushing ${blob.name}@${blob.digest}`;
    this.#transport = transport;
    this.#blob = blob;
  }

  async start(): Promise<URL> {
    const reply = await this.#transport.call(this.#call("POST", "blobs/uploads/", [202], { body: new Uint8Array() }));
    const session = locationOf(reply);
    if (session !== undefined) return session;
    throw new SlipwayError(
      "registry-unreadable",
      `${this.doing}: the registry started an upload without an address that may be used`,
    );
  }

  send(session: URL, chunk: Uint8Array, offset: number, tries: number): Promise<Reply> {
    const headers = { ...octets, "content-range": `${offset}-${offset + chunk.length - 1}` };
    const accept = [202, 201, 204, 404, 416];
    return this.#transport.call(this.#call("PATCH", session, accept, { headers, body: chunk, tries }));
  }

  finish(session: URL, bytes: Uint8Array, tries?: number): Promise<Reply | "done"> {
    const { name, digest, signal } = this.#blob;
    const target = new URL(session);
    target.searchParams.set("digest", digest);
    const put = this.#call("PUT", target, [201, 204, 400, 404, 416], {
      headers: octets,
      body: bytes,
      ...(tries === undefined ? {} : { tries }),
    });
    return this.#transport.callOrLook(put, () =>
      hasBlob(this.#transport, name, digest, { signal, forPush: true }).catch(() => false),
    );
  }

  async ask(session: URL): Promise<{ session: URL; offset: number } | undefined> {
    const reply = await this.#transport.call(this.#call("GET", session, [202, 204, 404]));
    if (reply.status === 404) return undefined;
    const end = /^(?:bytes=)?0-(\d+)$/.exec(reply.header("range") ?? "")?.[1];
    // Registries return `0-0` for an empty upload. If one byte was received, the registry corrects the offset by a 416.
    const offset = end === undefined || end === "0" ? 0 : Number(end) + 1;
    return { session: locationOf(reply) ?? session, offset };
  }

  async cancel(session: URL): Promise<void> {
    await this.#transport
      .call(this.#call("DELETE", session, [200, 202, 204, 404, 405], { tries: 1 }))
      .catch(ignoreUnlessInterrupted);
  }

  pause(tries: number, error: unknown): Promise<void> {
    const endpoint = this.#transport.endpoints.originOf(this.#blob.name);
    return this.#transport.again(this.#call("PATCH", "", []), endpoint, tries, error);
  }

  #call(method: Call["method"], at: string | URL, accept: readonly number[], more: Partial<Call> = {}): Call {
    const { name, signal } = this.#blob;
    return { doing: this.doing, name, method, at, actions: ["pull", "push"], accept, signal, ...more };
  }
}

/** The URL of the session's next request; undefined: the registry returned none, or one that must not be sent to. */
export function locationOf(reply: Reply): URL | undefined {
  const location = reply.header("location");
  if (location === null || !URL.canParse(location, reply.url.href)) return undefined;
  const url = new URL(location, reply.url);
  // A registry behind a proxy that terminates TLS may return an http URL.
  if (url.host === reply.url.host) url.protocol = reply.url.protocol;
  const isDowngrade = reply.url.protocol === "https:" && url.protocol === "http:" && !isLoopback(url.host);
  return isDowngrade || (url.protocol !== "http:" && url.protocol !== "https:") ? undefined : url;
}

function ignoreUnlessInterrupted(error: unknown): void {
  if (isInterruption(error)) throw error;
}
