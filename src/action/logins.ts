import type { CiRun } from "../model/ci-run.ts";
import type { DockerConfig } from "../formats/docker-config.ts";
import { hasLogin } from "./docker-config.ts";
import type { RegistryLogin } from "./registries.ts";

/** Logins of a run, and the registries whose login has no secret in this run (`empty`). */
export interface Logins {
  readonly logins: readonly RegistryLogin[];
  readonly empty: readonly string[];
}

/**
 * Plans the logins: those of the input, and one for GitHub's own registry with the job's token unless a login for it exists. A line without user and
 * password is left out, because runs for forks have no secrets.
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
