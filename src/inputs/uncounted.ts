import type { BuildReads } from "../dockerfile/syntax/dockerfile.ts";
import { withoutCredentials } from "../formats/address.ts";
import type { UncountedInput } from "../model/inputs.ts";
import type { Service } from "../model/service.ts";

/** Build args that BuildKit puts into the environment of every RUN, declared or not. Source: BuildKit, dockerfile2llb, `proxyEnvFromBuildArgs`. */
const proxyArgs: ReadonlySet<string> = new Set(["all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy"]);

/** The source of the client's proxies, for messages: without its path, which says something of this machine. */
const clientConfig = "config.json of the Docker client";

/** Whether BuildKit hands a build arg to every RUN and leaves it out of its cache keys. */
export function isProxyArg(name: string): boolean {
  return proxyArgs.has(name.toLowerCase());
}

/**
 * The client's proxies as they count where a stage declares them: without user and password, which reach the build and must be kept
 * nowhere.
 */
export function countedProxies(client: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(client).map(([name, value]) => [name, withoutCredentials(value)]));
}

/** What a service gives and its fingerprint does not cover, by kind and name: it reaches the build, or nothing in the build reads it. */
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
