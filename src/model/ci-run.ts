import type { Secret } from "./secret.ts";

/**
 * The run of CI that this process is part of, as GitHub Actions describes it; on a person's machine `event` is undefined. Read once a
 * command, by `readRun`. Holds no secret.
 * https://docs.github.com/actions/reference/workflows-and-actions/variables
 */
export interface CiRun {
  /** `push`, `pull_request`, `workflow_dispatch`, …; in a called workflow, the event of its caller. Undefined: no CI system. */
  readonly event: string | undefined;
  /** Sort of an event that has sorts: `published`, `closed`. */
  readonly action: string | undefined;
  /** `refs/heads/main`, `refs/tags/v1.2.0`, `refs/pull/5/merge`; empty where none is given. */
  readonly ref: string;
  /** Name of the branch or tag that `ref` is; of neither for a pull request. */
  readonly branch: string | undefined;
  readonly tag: string | undefined;
  /** Branch that the repository's changes end up in, where the payload names it. */
  readonly defaultBranch: string | undefined;
  /** Whether rules of the repository say who may push to the ref. */
  readonly isProtected: boolean;
  /** Commit that the run is for, as it is given; a pull request's is its merge with the base. */
  readonly commit: string | undefined;
  /** Pull request that a `pull_request*` event is about, where the payload describes it. */
  readonly pullRequest: PullRequest | undefined;
  /** Branch that a pull request is for. */
  readonly base: string | undefined;
  /** Tip of the branch that a pull request or a merge queue is for: 40 hexadecimal digits. */
  readonly trunk: string | undefined;
  /** Account that started the run. */
  readonly actor: string | undefined;
  /** Number of the run in its repository's URLs. */
  readonly id: string | undefined;
  /** 1, and one more for each re-run. */
  readonly attempt: number;
  /** Whether a runner of GitHub Actions, or one that acts as it, runs this process. */
  readonly isJob: boolean;
  readonly repository: GitHubRepository | undefined;
  /** Whether the payload says that the repository is private. */
  readonly isPrivate: boolean;
  /** Who sees the repository, as the payload says. `private` is also what an organization sees alone. */
  readonly visibility: "public" | "private" | "unknown";
  /** The repository's number and its owner's. */
  readonly repositoryId: string | undefined;
  readonly ownerId: string | undefined;
  /** Workflow that was started: `OWNER/REPO/.github/workflows/FILE@REF`. */
  readonly workflow: string | undefined;
  /** Whose machine runs the job: `github-hosted` or `self-hosted`. */
  readonly runner: string | undefined;
  readonly server: GitHubServer;
  /** Hosts that are GitHub servers: `server`'s, the one that `gh` is set to, `github.com`. */
  readonly gitHubHosts: readonly string[];
  /** GitHub's container registry that the job's token is for: `ghcr.io`, an Enterprise Server's own. */
  readonly registry: string;
  /** Folder of the job. */
  readonly workspace: string | undefined;
  readonly files: RunnerFiles;
  /** Origin of the service that keeps artifacts and caches. */
  readonly results: string | undefined;
  /** Rights of a job to caches: `read`, `write`, `write-only`, `none`. */
  readonly cacheMode: string | undefined;
}

/** A pull request, as the payload of its event describes it. */
export interface PullRequest {
  readonly number: number;
  /** Repository of its branch. `gone`: it was deleted, so that it was a fork. */
  readonly from: { readonly kind: "own" | "gone" } | { readonly kind: "fork"; readonly repository: string };
  readonly isClosed: boolean;
  /** Commit at the tip of its branch, where the payload says it. */
  readonly head: string | undefined;
}

/** `acme/shop`, in its two words. */
export interface GitHubRepository {
  readonly owner: string;
  readonly name: string;
}

/** A GitHub server. Addresses have no slash at their end. */
export interface GitHubServer {
  /** `https://github.com`, or the Enterprise Server's. */
  readonly url: string;
  /** Base address of the REST API: `https://api.github.com`, `https://ghe.example/api/v3`. */
  readonly apiUrl: string;
}

/** Paths that the runner gives to a step; undefined outside of a job. */
export interface RunnerFiles {
  readonly output: string | undefined;
  readonly summary: string | undefined;
  /** A folder that the runner empties after the job. */
  readonly temporary: string | undefined;
}

/** Tokens of the environment. None is in an event, a document or a message. */
export interface RunTokens {
  /** For github.com and ghe.com, in `gh`'s order: `GH_TOKEN`, `GITHUB_TOKEN`. */
  readonly github: Secret | undefined;
  /** For an Enterprise Server alone. */
  readonly enterprise: Secret | undefined;
  /** The one that a job sets as `GITHUB_TOKEN`. */
  readonly job: Secret | undefined;
  /** For the job's artifacts and caches. */
  readonly runtime: Secret | undefined;
  /** For a token that names the run, to other services (OIDC): only a job with `id-token: write` has it. */
  readonly identity: IdentityAccess | undefined;
  /** All of them, and those of which another one took the place: to be kept out of logs. */
  readonly all: readonly Secret[];
}

/** Where a job asks for a token that names its run. https://docs.github.com/actions/reference/security/oidc */
export interface IdentityAccess {
  readonly url: string;
  readonly token: Secret;
}

/** Token for a GitHub server, by its host. https://cli.github.com/manual/gh_help_environment */
export function tokenFor(tokens: RunTokens, host: string): Secret | undefined {
  return isCloud(host) ? tokens.github : (tokens.enterprise ?? tokens.github);
}

/** All values to keep out of a log. */
export function tokenValues({ all }: RunTokens): string[] {
  return all.map((token) => token.reveal());
}

/** Whether GitHub itself runs the server of this host. */
export function isCloud(host: string): boolean {
  return host === "github.com" || host.endsWith(".ghe.com");
}

/** Whether the run is for a pull request or a merge queue; also a workflow that was called for one. */
export function isReviewed({ event = "", ref }: Pick<CiRun, "event" | "ref">): boolean {
  return event.startsWith("pull_request") || event === "merge_group" || ref.startsWith("refs/pull/");
}

/** Whether the run is for a pull request that was closed. */
export function isClosed({ event = "", action }: Pick<CiRun, "event" | "action">): boolean {
  return event.startsWith("pull_request") && action === "closed";
}

/**
 * Whether the job's token only reads and its secrets are empty, since a fork's code runs. A `pull_request_target` runs trunk's code, with
 * everything that trunk has.
 */
export function isOfFork({ event, pullRequest }: Pick<CiRun, "event" | "pullRequest">): boolean {
  return event !== "pull_request_target" && pullRequest !== undefined && pullRequest.from.kind !== "own";
}

/** Kind of a run, for cache tiers; `local`: no CI system. */
export type RunKind = "pull-request" | "trunk" | "tag" | "local";

/** Kind of a run by its event and ref. */
export function kindOfRun(run: Pick<CiRun, "event" | "ref" | "tag">): RunKind {
  if (run.event === undefined) return "local";
  if (isReviewed(run)) return "pull-request";
  return run.tag === undefined ? "trunk" : "tag";
}
