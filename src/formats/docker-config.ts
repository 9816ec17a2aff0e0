import { join } from "node:path";
import { asFields, asText, asTextMap, type Fields, parseJson } from "./json.ts";

// Docker's `config.json`. Source: docker/cli, cli/config/configfile/file.go.

/** Contents of the file, as far as Slipway reads them. */
export interface DockerConfig {
  /** Logins in the file, by registry: `auth`, `identitytoken` and similar fields. */
  readonly auths: Readonly<Record<string, Fields>>;
  /** Credential helpers of single registries, by registry. */
  readonly credHelpers: Readonly<Record<string, string>>;
  /** Credential helper of all other registries; undefined or empty: none. */
  readonly credsStore: string | undefined;
  /** Proxies by the engine's address, and `default`. */
  readonly proxies: Readonly<Record<string, Fields>>;
  /** Fields of the whole file, for code that writes it again. */
  readonly fields: Fields;
}

/** A configuration without anything in it. */
export const emptyDockerConfig: DockerConfig = {
  auths: {},
  credHelpers: {},
  credsStore: undefined,
  proxies: {},
  fields: {},
};

/** Parses a configuration, or returns the reason why it is invalid. The reason quotes nothing of the text, which may contain secrets. */
export function parseDockerConfig(
  text: string,
): { readonly config: DockerConfig } | { readonly config: undefined; readonly because: string } {
  if (text.trim() === "") return { config: emptyDockerConfig };
  const value = parseJson(text);
  if (value === undefined) return { config: undefined, because: "it is not JSON" };
  const fields = asFields(value) ?? {};
  const auths = asFields(fields["auths"] ?? {});
  const credHelpers = asTextMap(fields["credHelpers"] ?? {});
  if (auths === undefined) return { config: undefined, because: "it is no Docker configuration (auths)" };
  if (credHelpers === undefined) return { config: undefined, because: "it is no Docker configuration (credHelpers)" };
  const credsStore = asText(fields["credsStore"]);
  const proxies = fieldsOfEach(asFields(fields["proxies"]) ?? {});
  return { config: { auths: fieldsOfEach(auths), credHelpers, credsStore, proxies, fields } };
}

function fieldsOfEach(entries: Fields): Record<string, Fields> {
  return Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, asFields(entry) ?? {}]));
}

/** Returns the folder of Docker's configuration; undefined: the environment names neither this folder nor a home. */
export function dockerConfigFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const home = env["HOME"] ?? env["USERPROFILE"];
  return env["DOCKER_CONFIG"] || (home === undefined ? undefined : join(home, ".docker"));
}

/** Returns the names under which a registry's login may be stored; Docker writes the first one. */
export function loginKeys(registry: string): readonly [string, ...string[]] {
  return registry === "docker.io" ? ["https://index.docker.io/v1/"] : [registry, `https://${registry}`];
}

/** Finds the entry of a registry: first by its own keys, then by any key of the same host, ignoring scheme, path and case. */
export function findLogin<T>(entries: Readonly<Record<string, T>>, registry: string): T | undefined {
  for (const key of loginKeys(registry)) {
    if (Object.hasOwn(entries, key)) return entries[key];
  }
  const match = Object.keys(entries).find((key) => hostOfKey(key) === registry);
  return match === undefined ? undefined : entries[match];
}

function hostOfKey(key: string): string {
  const [host = ""] = key.replace(/^https?:\/\//, "").split("/");
  const lower = host.toLowerCase();
  return lower === "index.docker.io" || lower === "registry-1.docker.io" ? "docker.io" : lower;
}

/** Encodes `USER:PASSWORD` as Docker and a registry's basic authentication do. */
export function encodeLogin(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString("base64");
}
