import type { Host } from "../host.ts";
import { type DockerConfig, hasLogin } from "./docker-config.ts";
import type { RegistryLogin } from "./registries.ts";

/** The logins of a run, and hosts whose login has no secret in this run. */
export interface Logins {
  readonly logins: readonly RegistryLogin[];
  readonly empty: readonly string[];
}

/**
 * Those of the input, and GitHub's own registry with the job's token, where nobody logged in there already. A line without user
 * and password is left out: runs for forks have no secrets.
 */
export function planLogins(
  env: Host["env"],
  { logins, token }: { readonly logins: readonly RegistryLogin[]; readonly token: string | undefined },
  config: DockerConfig,
): Logins {
  const given = logins.filter(({ user, password }) => user !== "" && password !== "");
  const empty = logins.filter((login) => !given.includes(login)).map(({ host }) => host);
  const own = packageRegistry(env);
  const isKnown = given.some(({ host }) => host === own) || hasLogin(config, own);
  if (token === undefined || isKnown) return { logins: given, empty };
  return { logins: [{ host: own, user: env["GITHUB_ACTOR"] || "x-access-token", password: token }, ...given], empty };
}

/** The container registry of a GitHub server: an Enterprise Server has its own, and its token goes nowhere else. */
export function packageRegistry(env: Host["env"]): string {
  const { hostname, host } = new URL(env["GITHUB_SERVER_URL"] || "https://github.com");
  return hostname === "github.com" || hostname.endsWith(".localhost") ? "ghcr.io" : `containers.${host}`;
}
