import { parseRemote } from "../formats/address.ts";
import { type CiRun, type GitHubRepository, type GitHubServer, type RunTokens, tokenFor } from "../model/ci-run.ts";
import type { Secret } from "../model/secret.ts";
import { apiUrlOf } from "./run.ts";

/** Which repository of which GitHub, and with what token it is spoken to. */
export interface GitHubContext {
  readonly server: GitHubServer;
  readonly repository: GitHubRepository;
  /** Undefined: there is none in the environment. */
  readonly token: Secret | undefined;
}

/**
 * What the run and the git remote say of GitHub; undefined when the repository is on no GitHub that is known. In a job the run says
 * it; elsewhere the remote does: a host other than github.com is an Enterprise Server when the environment names it.
 */
export function findGitHub(
  { ci, tokens }: { readonly ci: CiRun; readonly tokens: RunTokens },
  remote: string | undefined,
): GitHubContext | undefined {
  const own = new URL(ci.server.url).host;
  if (ci.isJob && ci.repository !== undefined) {
    return { server: ci.server, repository: ci.repository, token: tokenFor(tokens, own) };
  }
  const place = remote === undefined ? undefined : parseRemote(remote);
  if (place === undefined || place.owner.includes("/")) return undefined;
  const { host, owner, repository: name } = place;
  if (!ci.gitHubHosts.includes(host) && !host.endsWith(".ghe.com")) return undefined;
  const server = host === own ? ci.server : { url: `https://${host}`, apiUrl: apiUrlOf(host) };
  return { server, repository: { owner, name }, token: tokenFor(tokens, host) };
}
