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
  /** PATCH: one chunk; one try. */
  send(session: URL, chunk: Uint8Array, offset: number, tries: number): Promise<Reply>;
  /** PUT: ends the session, with the whole blob or with none of it. */
  finish(session: URL, bytes: Uint8Array): Promise<Reply | "done">;
  /** GET: how far the session has come; undefined when it is gone. */
  ask(session: URL): Promise<{ session: URL; offset: number } | undefined>;
  cancel(session: URL): Promise<void>;
  pause(tries: number, error: unknown): Promise<void>;
}

/** For one blob. */
export function makeUploader(
  transport: Transport,
  name: ImageName,
  digest: Digest,
  signal: AbortSignal | undefined,
): Uploader {
  const doing = `pushing ${name}@${digest}`;
  const call = (
    method: Call["method"],
    at: string | URL,
    accept: readonly number[],
    more: Partial<Call> = {},
  ): Call => ({
    doing,
    name,
    method,
    at,
    actions: ["pull", "push"],
    accept,
    signal,
    ...more,
  });
  const octets = { "content-type": "application/octet-stream" };
  return {
    doing,
    async start() {
      const reply = await transport.call(call("POST", "blobs/uploads/", [202], { body: new Uint8Array() }));
      const session = locationOf(reply);
      if (session !== undefined) return session;
      throw new SlipwayError(
        "unavailable",
        `${doing}: the registry began an upload and did not say where to send it, or nowhere that may be sent to`,
      );
    },
    send: (session, chunk, offset, tries) => {
      const headers = { ...octets, "content-range": `${offset}-${offset + chunk.length - 1}` };
      return transport.call(call("PATCH", session, [202, 201, 204, 404, 416], { headers, body: chunk, tries }));
    },
    finish(session, bytes) {
      const target = new URL(session);
      target.searchParams.set("digest", digest);
      const isThere = (): Promise<boolean> =>
        hasBlob(transport, name, digest, { signal, forPush: true }).catch(() => false);
      return transport.callOrLook(
        call("PUT", target, [201, 204, 400, 404, 416], { headers: octets, body: bytes }),
        isThere,
      );
    },
    async ask(session) {
      const reply = await transport.call(call("GET", session, [202, 204, 404]));
      if (reply.status === 404) return undefined;
      const end = /^(?:bytes=)?0-(\d+)$/.exec(reply.header("range") ?? "")?.[1];
      // `0-0` is what registries say of an empty upload; one byte too little is corrected by a 416.
      const offset = end === undefined || end === "0" ? 0 : Number(end) + 1;
      return { session: locationOf(reply) ?? session, offset };
    },
    async cancel(session) {
      await transport
        .call(call("DELETE", session, [200, 202, 204, 404, 405], { tries: 1 }))
        .catch((error: unknown) => ignoreUnlessInterrupted(error));
    },
    pause: (tries, error) => transport.again(call("PATCH", "", []), transport.endpoints.originOf(name), tries, error),
  };
}

/** The address of the session's next request; undefined when the registry gives none, or one that bytes may not be sent to. */
export function locationOf(reply: Reply): URL | undefined {
  const location = reply.header("location");
  if (location === null || !URL.canParse(location, reply.url.href)) return undefined;
  const url = new URL(location, reply.url);
  // A registry behind a proxy that ends TLS may call itself http.
  if (url.host === reply.url.host) url.protocol = reply.url.protocol;
  const isDowngrade = reply.url.protocol === "https:" && url.protocol === "http:" && !isLoopback(url.host);
  return isDowngrade || (url.protocol !== "http:" && url.protocol !== "https:") ? undefined : url;
}

function ignoreUnlessInterrupted(error: unknown): void {
  if (isInterruption(error)) throw error;
}
