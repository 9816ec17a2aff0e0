import type { CiRun } from "../model/ci-run.ts";
import type { DockerConfig } from "../formats/docker-config.ts";
import { hasLogin } from "./docker-config.ts";
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
  { registry: own, actor }: Pick<CiRun, "registry" | "actor">,
  { logins, token }: { readonly logins: readonly RegistryLogin[]; readonly token: string | undefined },
  config: DockerConfig,
): Logins {
  const given = logins.filter(({ user, password }) => user !== "" && password !== "");
  const empty = logins.filter((login) => !given.includes(login)).map(({ host }) => host);
  const isKnown = given.some(({ host }) => host === own) || hasLogin(config, own);
  if (token === undefined || isKnown) return { logins: given, empty };
  return { logins: [{ host: own, user: actor ?? "x-access-token", password: token }, ...given], empty };
}
