import type { BuildReads } from "../dockerfile/syntax/dockerfile.ts";
import { withoutCredentials } from "../formats/address.ts";
import type { UncountedInput } from "../model/inputs.ts";
import type { Service } from "../model/service.ts";

/**
 * Build args that BuildKit sets as environment variables of every RUN, declared or not. Source: BuildKit, dockerfile2llb,
 * `proxyEnvFromBuildArgs`.
 */
const proxyArgs: ReadonlySet<string> = new Set(["all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy"]);

/** Name of the client's configuration in messages. Its path is left out, because it reveals facts about this machine. */
const clientConfig = "config.json of the Docker client";

/** Whether BuildKit passes a build arg to every RUN without including it in cache keys. */
export function isProxyArg(name: string): boolean {
  return proxyArgs.has(name.toLowerCase());
}

/** The client's proxies in the form that counts if a stage declares them: without user and password, which must not be stored. */
export function countedProxies(client: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(client).map(([name, value]) => [name, withoutCredentials(value)]));
}

/**
 * Lists what a service sets and its fingerprint does not cover, by kind and name: it reaches the build uncounted, or the build does not
 * read it.
 */
export function uncountedOf(
  service: Service,
  { args: declared, instructions }: Pick<BuildReads, "args" | "instructions">,
  client: Readonly<Record<string, string>> = {},
): UncountedInput[] {
  const given = Object.entries(service.args);
  const runs = instructions.some((line) => /^RUN\b/i.test(line));
  const fromClient = Object.keys(client).filter((name) => service.args[name] === undefined);
  const proxies = [
    ...given.map(([name]) => ({ name, from: "build args" })),
    ...fromClient.map((name) => ({ name, from: clientConfig })),
  ].filter(({ name }) => runs && isProxyArg(name) && declared[name] === undefined);
  const stamps = given.filter(([name, { stamp }]) => stamp && declared[name] !== undefined);
  const unread = given.filter(([name]) => declared[name] === undefined && !isProxyArg(name));
  return [
    ...proxies.map((each) => ({ what: "proxy" as const, ...each })),
    ...service.secrets.map(({ id }) => ({ what: "secret" as const, name: id, from: "secrets" })),
    ...service.ssh.map((id) => ({ what: "ssh" as const, name: id.split("=", 1)[0] ?? id, from: "ssh" })),
    ...stamps.map(([name]) => ({ what: "stamp" as const, name, from: "build args" })),
    ...unread.map(([name]) => ({ what: "unread" as const, name, from: "build args" })),
  ];
}
