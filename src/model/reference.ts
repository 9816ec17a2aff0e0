import { type Digest, parseDigest } from "./digest.ts";

declare const brand: unique symbol;

/**
 * Where images are: registry host (with port) and repository path, always in full: `docker.io/library/node`,
 * `ghcr.io/acme/shop/api`, `127.0.0.1:5555/shop/api`. Made by `parseImageName` only.
 */
export type ImageName = string & { readonly [brand]: "ImageName" };

/** An image name with a tag, a digest, or both. Without either, `latest` is meant. */
export interface ImageReference {
  readonly name: ImageName;
  readonly tag?: string;
  readonly digest?: Digest;
}

const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Whether a registry takes this text as a tag. Source: OCI distribution-spec, "Pulling manifests". */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/**
 * Parses an image name as Docker does: `node` is `docker.io/library/node`. The host becomes lower case, since hosts are compared without
 * regard to case. Undefined when the text is not a name, or has a tag.
 */
export function parseImageName(text: string): ImageName | undefined {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const hasHost = first.includes(".") || first.includes(":") || first === "localhost" || first !== first.toLowerCase();
  const host = hasHost ? canonicalHost(first) : "docker.io";
  let path = hasHost ? text.slice(slash + 1) : text;
  if (host === "docker.io" && !path.includes("/")) path = `library/${path}`;
  if (!hostPattern.test(host) || path.length > 255) return undefined;
  if (!path.split("/").every((component) => componentPattern.test(component))) return undefined;
  return `${host}/${path}` as ImageName;
}

/** The host in lower case. `Acme` in `Acme/api` keeps its capitals: they alone make it a host. */
function canonicalHost(written: string): string {
  const host = written.toLowerCase();
  if (host === "index.docker.io") return "docker.io";
  return host.includes(".") || host.includes(":") || host === "localhost" ? host : written;
}

/** Parses `name[:tag][@digest]`; undefined when the text is not a reference. */
export function parseReference(text: string): ImageReference | undefined {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1));
  if (at >= 0 && digest === undefined) return undefined;
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(":");
  const hasTag = colon > rest.lastIndexOf("/");
  const tag = hasTag ? rest.slice(colon + 1) : undefined;
  if (tag !== undefined && !isTag(tag)) return undefined;
  const name = parseImageName(hasTag ? rest.slice(0, colon) : rest);
  if (name === undefined) return undefined;
  return { name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

export function renderReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  return `${reference.name}${tag}${reference.digest === undefined ? "" : `@${reference.digest}`}`;
}

/** The host (with port) of a name: `ghcr.io` of `ghcr.io/acme/api`. */
export function registryOf(name: ImageName): string {
  return name.slice(0, name.indexOf("/"));
}

/** The path of a name: `acme/api` of `ghcr.io/acme/api`. */
export function repositoryOf(name: ImageName): string {
  return name.slice(name.indexOf("/") + 1);
}
