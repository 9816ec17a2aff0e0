import { isInterruption, SlipwayError } from "../errors.ts";
import { type Digest, digestOf, parseDigest } from "../model/digest.ts";
import { type RawManifest, mediaType } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { asFields, asText, parseJson } from "../formats/json.ts";
import type { Transport } from "./transport.ts";
import type { Reply } from "./call.ts";
import { alteredHint, unreadable } from "./unreadable.ts";

/** A manifest's digest, media type and size, without its content. */
export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

/** A manifest to push: its bytes and media type. */
export interface ManifestContent {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const accept = {
  accept: [mediaType.ociIndex, mediaType.ociManifest, mediaType.dockerIndex, mediaType.dockerManifest].join(", "),
};

/** Size limit of manifests in bytes, which the distribution-spec ("Pushing Manifests") asks registries to accept; few accept more. */
const mostManifestBytes = 4 * 1024 * 1024;

/** Options of reading a manifest. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether to request push permission too, because a push depends on the answer; one token then serves both. */
  readonly forPush?: boolean;
  /** Whether to try mirrors first. Only for third-party images, because a mirror's answer may be outdated. */
  readonly isMirrored?: boolean;
  readonly tries?: number;
}

/**
 * Reads a manifest; undefined: it does not exist. Computes the digest from the bytes and compares it. Throws `unavailable` for content that
 * is not a JSON object; the parsers of `content.ts` check its fields. Source: distribution-spec, "Pulling manifests".
 */
export async function getManifest(
  transport: Transport,
  name: ImageName,
  reference: string,
  options: ReadOptions = {},
): Promise<RawManifest | undefined> {
  const { forPush = false, ...rest } = options;
  const reply = await transport.call({
    doing: `reading ${written(name, reference)}`,
    name,
    method: "GET",
    at: `manifests/${reference}`,
    actions: forPush ? ["pull", "push"] : ["pull"],
    headers: accept,
    accept: [200, 404],
    limitBytes: mostManifestBytes,
    check: (given) => checkManifest(given, name, reference),
    ...rest,
  });
  if (reply.status === 404) return undefined;
  return { mediaType: mediaTypeOf(reply), digest: digestOf(reply.bytes), bytes: reply.bytes };
}

function checkManifest(reply: Reply, name: ImageName, reference: string): void {
  if (reply.status === 404) return;
  const digest = digestOf(reply.bytes);
  const expected = parseDigest(reference) ?? parseDigest(reply.header("docker-content-digest") ?? "");
  if (expected !== undefined && expected !== digest) {
    throw new SlipwayError(
      "content-altered",
      `reading ${written(name, reference)}: the bytes have digest ${digest}, not ${expected}`,
      { hint: alteredHint },
    );
  }
  if (asFields(parseJson(reply.bytes)) === undefined) {
    throw unreadable(`reading ${written(name, reference)}`, "manifest", reply.bytes);
  }
}

/** Looks a manifest up by HEAD. Reads the manifest itself if the registry omits the headers or does not support HEAD. */
export async function headManifest(
  transport: Transport,
  name: ImageName,
  reference: string,
  options: ReadOptions = {},
): Promise<ManifestHead | undefined> {
  const { forPush = false, ...rest } = options;
  const reply = await transport.call({
    doing: `looking up ${written(name, reference)}`,
    name,
    method: "HEAD",
    at: `manifests/${reference}`,
    actions: forPush ? ["pull", "push"] : ["pull"],
    headers: accept,
    accept: [200, 404, 405],
    ...rest,
  });
  if (reply.status === 404) return undefined;
  const digest = parseDigest(reply.header("docker-content-digest") ?? "");
  const size = Number(reply.header("content-length") ?? Number.NaN);
  const type = contentType(reply);
  if (reply.status === 200 && digest !== undefined && Number.isInteger(size) && type !== "") {
    return { digest, mediaType: type, size };
  }
  const manifest = await getManifest(transport, name, reference, options);
  if (manifest === undefined) return undefined;
  return { digest: manifest.digest, mediaType: manifest.mediaType, size: manifest.bytes.length };
}

/**
 * Pushes a manifest byte for byte. After a fault for which the registry may have stored it, checks whether it did before the PUT is retried
 * or fails. Does not read back after a 201, because some registries return the old content for a while. Source: distribution-spec, "Pushing
 * manifests".
 */
export async function putManifest(
  transport: Transport,
  {
    name,
    reference,
    signal,
  }: { readonly name: ImageName; readonly reference: string; readonly signal?: AbortSignal | undefined },
  manifest: ManifestContent,
): Promise<{ digest: Digest; isSubjectKnown: boolean }> {
  const digest = digestOf(manifest.bytes);
  const doing = `pushing ${written(name, reference)}`;
  const given = parseDigest(reference);
  if (given !== undefined && given !== digest) {
    throw new SlipwayError("content-altered", `${doing}: the bytes have digest ${digest}`);
  }
  const isThere = async (): Promise<boolean> => {
    try {
      return (await headManifest(transport, name, reference, { signal, tries: 1, forPush: true }))?.digest === digest;
    } catch (error) {
      if (isInterruption(error)) throw error;
      return false;
    }
  };
  const reply = await transport.callOrLook(
    {
      doing,
      name,
      method: "PUT",
      at: `manifests/${reference}`,
      actions: ["pull", "push"],
      headers: { "content-type": manifest.mediaType },
      body: manifest.bytes,
      accept: [200, 201, 202],
      signal,
    },
    isThere,
  );
  if (reply === "done") return { digest, isSubjectKnown: false };
  const stored = parseDigest(reply.header("docker-content-digest") ?? "");
  if (stored !== undefined && stored !== digest) {
    throw new SlipwayError("content-altered", `${doing}: the registry stored ${stored} where ${digest} was pushed`);
  }
  return { digest, isSubjectKnown: reply.header("oci-subject") !== null };
}

/** Deletes a manifest; false: it did not exist. Source: distribution-spec, "Deleting manifests". */
export async function deleteManifest(
  transport: Transport,
  name: ImageName,
  reference: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const reply = await transport.call({
    doing: `deleting ${written(name, reference)}`,
    name,
    method: "DELETE",
    at: `manifests/${reference}`,
    actions: ["pull", "push", "delete"],
    accept: [200, 202, 204, 404],
    signal,
  });
  return reply.status !== 404;
}

/** A name and reference in messages: `NAME:TAG` or `NAME@DIGEST`. */
function written(name: ImageName, reference: string): string {
  return `${name}${parseDigest(reference) === undefined ? ":" : "@"}${reference}`;
}

function contentType(reply: Reply): string {
  return (reply.header("content-type") ?? "").split(";")[0]?.trim() ?? "";
}

/** The media type by the header, else by the manifest. */
function mediaTypeOf(reply: Reply): string {
  const type = contentType(reply);
  if (type.startsWith("application/vnd.")) return type;
  const fields = asFields(parseJson(reply.bytes)) ?? {};
  const own = asText(fields["mediaType"]);
  if (own !== undefined) return own;
  if ("manifests" in fields) return mediaType.ociIndex;
  return "layers" in fields ? mediaType.ociManifest : type;
}
