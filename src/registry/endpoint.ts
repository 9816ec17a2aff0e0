import { isLoopback } from "../formats/address.ts";
import { trimOf } from "../formats/trim.ts";
import { SlipwayError } from "../errors.ts";
import { type ImageName, registryOf, repositoryOf } from "../model/reference.ts";

/** A server that speaks the distribution protocol: a registry, or a mirror of one. */
export interface Endpoint {
  /** Host as users write it and credentials are stored under, such as `docker.io` or `127.0.0.1:5555`. */
  readonly registry: string;
  /** Origin without a trailing slash, such as `https://registry-1.docker.io`. */
  readonly origin: string;
  /** Prefix of every repository path: empty, or `proxy/` (with its slash) for a mirror with a path. */
  readonly prefix: string;
}

/** Base URLs of mirrors by registry host, in the order of use. */
export type Mirrors = Readonly<Record<string, readonly string[]>>;

/** The endpoint of a registry: HTTP for loopback and for hosts in `insecure`, HTTPS otherwise. */
export function makeEndpoint(registry: string, insecure: ReadonlySet<string>): Endpoint {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const scheme = isLoopback(registry) || insecure.has(registry) ? "http" : "https";
  return { registry, origin: `${scheme}://${host}`, prefix: "" };
}

/** Makes an endpoint of a mirror's base URL. */
function makeMirrorEndpoint(base: string): Endpoint {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "") {
    throw new SlipwayError(
      "environment-invalid",
      `the mirror "${base}" is no http or https address without credentials`,
      {
        hint: 'write SLIPWAY_REGISTRY_MIRRORS as "docker.io=https://mirror.example.com"',
      },
    );
  }
  const path = trimOf(url.pathname, "/");
  return { registry: url.host, origin: url.origin, prefix: path === "" ? "" : `${path}/` };
}

/** Parses mirrors such as `docker.io=http://127.0.0.1:5001,docker.io=https://other.example.com`. A registry may have several. */
export function parseMirrors(text: string): Mirrors {
  const mirrors: Record<string, string[]> = {};
  for (const entry of splitList(text)) {
    const equals = entry.indexOf("=");
    if (equals <= 0) {
      throw new SlipwayError("environment-invalid", `SLIPWAY_REGISTRY_MIRRORS has "${entry}", which names no mirror`, {
        hint: 'write "docker.io=https://mirror.example.com", several with commas between them',
      });
    }
    const registry = entry.slice(0, equals).trim();
    (mirrors[registry] ??= []).push(entry.slice(equals + 1).trim());
  }
  return mirrors;
}

/** The parts of a comma-separated list, without empty ones. */
function splitList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Hosts of `SLIPWAY_INSECURE_REGISTRIES`: registries that speak plain HTTP. */
export function insecureRegistries(env: Readonly<Record<string, string | undefined>>): ReadonlySet<string> {
  return new Set(splitList((env["SLIPWAY_INSECURE_REGISTRIES"] ?? "").toLowerCase()));
}

/** The servers of an image name. For reading third-party images, mirrors come before the registry itself. */
export interface Endpoints {
  originOf(name: ImageName): Endpoint;
  mirrorsOf(name: ImageName): readonly Endpoint[];
}

/** Makes the endpoints. `insecure`: registries that are reached by plain HTTP. */
export function makeEndpoints(mirrors: Mirrors, insecure: ReadonlySet<string>): Endpoints {
  const origins = new Map<string, Endpoint>();
  const mirrored = new Map(Object.entries(mirrors).map(([host, bases]) => [host, bases.map(makeMirrorEndpoint)]));
  return {
    originOf(name) {
      const registry = registryOf(name);
      const known = origins.get(registry) ?? makeEndpoint(registry, insecure);
      origins.set(registry, known);
      return known;
    },
    mirrorsOf: (name) => mirrored.get(registryOf(name)) ?? [],
  };
}

/** The URL of a path at an endpoint, such as `https://registry-1.docker.io/v2/library/node/manifests/24`. */
export function urlAt(endpoint: Endpoint, name: ImageName, path: string): URL {
  return new URL(`${endpoint.origin}/v2/${repositoryAt(endpoint, name)}/${path}`);
}

/** The repository path of a name at an endpoint. */
export function repositoryAt(endpoint: Endpoint, name: ImageName): string {
  return endpoint.prefix + repositoryOf(name);
}
