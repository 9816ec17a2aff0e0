import type { Bases } from "./emulate.ts";
import type { GitFolder } from "./git.ts";
import type { Oidc } from "./oidc.ts";
import type { Runs } from "./runs.ts";
import {
  type CacheScope,
  type Permissions,
  type RuntimeTokens,
  type Tokens,
  isAllowed,
  restrictedPermissions,
} from "./token.ts";

/** One job of a workflow run. Everything has a default: a push to the default branch. */
export interface JobOptions {
  readonly event?: string;
  /** `refs/heads/main`, `refs/tags/v1.0.0`, `refs/pull/5/merge`. */
  readonly ref?: string;
  readonly sha?: string;
  /** Of a pull request: the branch it goes to, and the one it comes from. */
  readonly baseRef?: string;
  readonly headRef?: string;
  /** A pull request from a fork: every permission is at most `read`, and there is no OIDC. */
  readonly isFork?: boolean;
  readonly permissions?: Permissions;
  readonly cacheMode?: "read" | "write" | "write-only" | "none";
  readonly runId?: string;
  readonly runNumber?: string;
  readonly runAttempt?: number;
  readonly workflow?: string;
  readonly job?: string;
  readonly actor?: string;
  readonly environment?: string;
}

export interface JobRepository {
  readonly owner: string;
  readonly name: string;
  readonly id: number;
  readonly ownerId: number;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  readonly git: GitFolder | undefined;
}

/** Events anybody can cause: they do not write to the caches of the default branch, since 2026-06-26. */
const lowTrustEvents = new Set(["pull_request_target", "issue_comment", "issues", "discussion", "discussion_comment"]);

/** The variables of a job, with tokens made for it. */
export async function makeJobEnv(
  deps: {
    readonly repository: JobRepository;
    readonly bases: Bases;
    /** Where services are; without a slash at the end. */
    readonly services: string;
    readonly tokens: Tokens;
    readonly runtimeTokens: RuntimeTokens;
    readonly runs: Runs;
    readonly oidc: Oidc;
  },
  options: JobOptions,
): Promise<Record<string, string>> {
  const { repository, bases, services } = deps;
  const full = `${repository.owner}/${repository.name}`;
  const event = options.event ?? "push";
  const ref = options.ref ?? `refs/heads/${repository.defaultBranch}`;
  const sha = options.sha ?? (await repository.git?.commitOf(ref)) ?? "0".repeat(40);
  const runId = options.runId ?? deps.runs.nextId();
  const attempt = options.runAttempt ?? 1;
  const permissions = granted(options);
  const actor = options.actor ?? "octocat";
  const workflow = options.workflow ?? "release";
  const workflowRef = `${full}/.github/workflows/${workflow}.yml@${ref}`;
  const baseRef = options.baseRef ?? (event.startsWith("pull_request") ? repository.defaultBranch : "");
  const ids = deps.runs.addJob({ id: runId, attempt, ref, sha });
  const claims = {
    sub: subjectOf(repository, event, ref, options.environment),
    aud: `${bases.site}/${repository.owner}`,
    ref,
    sha,
    repository: full,
    repository_owner: repository.owner,
    repository_owner_id: String(repository.ownerId),
    repository_id: String(repository.id),
    repository_visibility: repository.isPrivate ? "private" : "public",
    run_id: runId,
    run_number: options.runNumber ?? "1",
    run_attempt: String(attempt),
    actor,
    actor_id: "583231",
    workflow,
    head_ref: options.headRef ?? "",
    base_ref: baseRef,
    event_name: event,
    ref_protected: "false",
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    workflow_ref: workflowRef,
    workflow_sha: sha,
    job_workflow_ref: workflowRef,
    job_workflow_sha: sha,
    runner_environment: "github-hosted",
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  };
  const mayIdentify = permissions["id-token"] === "write";
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: bases.api,
    GITHUB_GRAPHQL_URL: bases.api.replace(/\/api\/v3$/, "/api/graphql"),
    GITHUB_SERVER_URL: bases.site,
    GITHUB_REPOSITORY: full,
    GITHUB_REPOSITORY_ID: String(repository.id),
    GITHUB_REPOSITORY_OWNER: repository.owner,
    GITHUB_REPOSITORY_OWNER_ID: String(repository.ownerId),
    GITHUB_TOKEN: deps.tokens.giveJobToken(permissions),
    GITHUB_EVENT_NAME: event,
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags|pull)\//, ""),
    GITHUB_REF_TYPE: claims.ref_type,
    GITHUB_BASE_REF: baseRef,
    GITHUB_HEAD_REF: claims.head_ref,
    GITHUB_SHA: sha,
    GITHUB_RUN_ID: runId,
    GITHUB_RUN_NUMBER: claims.run_number,
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_WORKFLOW: workflow,
    GITHUB_WORKFLOW_REF: workflowRef,
    GITHUB_WORKFLOW_SHA: sha,
    GITHUB_JOB: options.job ?? "build",
    GITHUB_ACTOR: actor,
    RUNNER_ENVIRONMENT: "github-hosted",
    ACTIONS_RESULTS_URL: `${services}/`,
    ACTIONS_RUNTIME_URL: `${services}/`,
    ACTIONS_CACHE_URL: `${services}/`,
    ACTIONS_CACHE_SERVICE_V2: "true",
    ACTIONS_RUNTIME_TOKEN: deps.runtimeTokens.make({
      ...ids,
      scopes: cacheScopes(event, ref, baseRef, repository.defaultBranch, options.cacheMode),
    }),
    ...(options.cacheMode === undefined ? {} : { ACTIONS_CACHE_MODE: options.cacheMode }),
    ...(mayIdentify
      ? {
          ACTIONS_ID_TOKEN_REQUEST_URL: `${services}/oidc/token?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: deps.oidc.giveRequestToken(claims),
        }
      : {}),
  };
}

function granted(options: JobOptions): Permissions {
  const asked = options.permissions ?? restrictedPermissions;
  if (options.isFork !== true) return asked;
  const caller = { kind: "job", permissions: asked } as const;
  const reading = Object.keys(asked).filter(
    (name) => name !== "id-token" && isAllowed(caller, name as keyof Permissions, "read"),
  );
  return Object.fromEntries(reading.map((name) => [name, "read"]));
}

/** Its own scope is written; those of the base and the default branch are read. */
function cacheScopes(
  event: string,
  ref: string,
  baseRef: string,
  defaultBranch: string,
  mode: JobOptions["cacheMode"] = lowTrustEvents.has(event) ? "read" : "write",
): CacheScope[] {
  const bits = { read: 1, write: 3, "write-only": 2, none: 0 }[mode];
  const others = [baseRef, defaultBranch]
    .filter((branch) => branch !== "")
    .map((branch) => `refs/heads/${branch}`)
    .filter((other, index, all) => other !== ref && all.indexOf(other) === index);
  return [{ Scope: ref, Permission: bits }, ...others.map((Scope) => ({ Scope, Permission: bits & 1 }))].filter(
    ({ Permission }) => Permission !== 0,
  );
}

/** With immutable ids, as repositories have it that were made after 2026-07-15. */
function subjectOf(repository: JobRepository, event: string, ref: string, environment: string | undefined): string {
  const name = `repo:${repository.owner}@${repository.ownerId}/${repository.name}@${repository.id}`;
  if (environment !== undefined) return `${name}:environment:${environment}`;
  return event === "pull_request" ? `${name}:pull_request` : `${name}:ref:${ref}`;
}
