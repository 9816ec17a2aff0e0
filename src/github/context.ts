import { trimEndOf } from "../formats/trim.ts";
import { parseRemote } from "../formats/address.ts";
import type { Host } from "../host.ts";

/** Which repository of which GitHub, and with what token it is spoken to. */
export interface GitHubContext {
  /** Base address of the REST API without a slash at the end: `https://api.github.com`, `https://ghe.example/api/v3`. */
  readonly apiUrl: string;
  /** `https://github.com`, or the Enterprise Server's. */
  readonly serverUrl: string;
  readonly repository: GitHubRepository;
  /** Undefined: there is none in the environment. */
  readonly token: string | undefined;
}

/** `acme/shop`, in its two words. */
export interface GitHubRepository {
  readonly owner: string;
  readonly name: string;
}

/**
 * What the environment and the git remote say of GitHub; undefined when the repository is on no GitHub that is known. In a job
 * the runner's variables say it (https://docs.github.com/actions/reference/workflows-and-actions/variables); elsewhere the remote
 * does, with the variables of `gh` (https://cli.github.com/manual/gh_help_environment): a host other than github.com is an
 * Enterprise Server when `GH_HOST` or `GITHUB_SERVER_URL` names it.
 */
export function readGitHubContext(env: Host["env"], remote: string | undefined): GitHubContext | undefined {
  const named = parseSlug(env["GITHUB_REPOSITORY"]);
  const place = remote === undefined ? undefined : parseRemote(remote);
  const known = hostOf(env["GITHUB_SERVER_URL"]) ?? env["GH_HOST"] ?? "github.com";
  if (env["GITHUB_ACTIONS"] === "true" && named !== undefined) return contextOf(env, known, named);
  if (place === undefined || place.owner.includes("/")) return undefined;
  const isKnown = [known, env["GH_HOST"], "github.com"].includes(place.host) || place.host.endsWith(".ghe.com");
  const repository = { owner: place.owner, name: place.repository };
  return isKnown ? contextOf(env, place.host, repository) : undefined;
}

function contextOf(env: Host["env"], host: string, repository: GitHubRepository): GitHubContext {
  const isNamed = hostOf(env["GITHUB_SERVER_URL"]) === host;
  return {
    apiUrl: withoutSlash((isNamed ? env["GITHUB_API_URL"] : undefined) ?? apiUrlOf(host)),
    serverUrl: withoutSlash((isNamed ? env["GITHUB_SERVER_URL"] : undefined) ?? `https://${host}`),
    repository,
    token: tokenNames(host)
      .map((name) => env[name])
      .find((token) => token !== undefined && token !== ""),
  };
}

function apiUrlOf(host: string): string {
  if (host === "github.com") return "https://api.github.com";
  return host.endsWith(".ghe.com") ? `https://api.${host}` : `https://${host}/api/v3`;
}

/** In the order of `gh`; a job has `GITHUB_TOKEN` wherever it runs. */
function tokenNames(host: string): readonly string[] {
  const isCloud = host === "github.com" || host.endsWith(".ghe.com");
  return isCloud
    ? ["GH_TOKEN", "GITHUB_TOKEN"]
    : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"];
}

function parseSlug(text: string | undefined): GitHubRepository | undefined {
  const [, owner, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(text ?? "") ?? [];
  return owner === undefined || name === undefined ? undefined : { owner, name };
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined || !URL.canParse(url) ? undefined : new URL(url).host;
}

function withoutSlash(url: string): string {
  return trimEndOf(url, "/");
}
