import { readFile } from "node:fs/promises";
import { errorMessage, SlipwayError } from "../errors.ts";
import { trimEndOf } from "../formats/trim.ts";
import type { Host } from "../host.ts";
import {
  type CiRun,
  type GitHubRepository,
  type GitHubServer,
  type IdentityAccess,
  isCloud,
  type PullRequest,
  type RunTokens,
} from "../model/ci-run.ts";
import { type Fields, fieldsOf, textField } from "../formats/json.ts";
import { Secret } from "../model/secret.ts";

/** The run of CI, its tokens, and what the environment says of it and could not be read. */
export interface ReadRun {
  readonly ci: CiRun;
  readonly tokens: RunTokens;
  /** A sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the run from the environment and from the payload of its event: the one place that knows the variables of GitHub's runner and of
 * `gh`. Throws `usage` where the address of the GitHub server is none: tokens would go to another one.
 */
export async function readRun(env: Host["env"]): Promise<ReadRun> {
  const path = env["GITHUB_EVENT_PATH"] ?? "";
  if (!isSet(env["GITHUB_EVENT_NAME"]) || path === "") return makeRun(env, undefined);
  try {
    return makeRun(env, JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    const run = makeRun(env, undefined);
    const warning = `reading the event of the run (GITHUB_EVENT_PATH, "${path}"): ${errorMessage(error)}; nothing is known of it but its name`;
    return { ...run, warnings: [...run.warnings, warning] };
  }
}

/** The same with the payload at hand. */
export function makeRun(env: Host["env"], payload: unknown): ReadRun {
  const event = text(env, "GITHUB_EVENT_NAME");
  const fields = fieldsOf(event === undefined ? undefined : payload);
  const server = readServer(env);
  const serverHost = new URL(server.url).host;
  const repository = parseSlug(env["GITHUB_REPOSITORY"]);
  const { attempt, results, warnings } = readNumbers(env);
  const ref = env["GITHUB_REF"] ?? "";
  const ci: CiRun = {
    event,
    action: textField(fields, "action") || undefined,
    ref,
    ...readNames(env, ref),
    defaultBranch: textField(fieldsOf(fields["repository"]), "default_branch") || undefined,
    isProtected: env["GITHUB_REF_PROTECTED"] === "true",
    commit: text(env, "GITHUB_SHA"),
    pullRequest: event?.startsWith("pull_request") === true ? readPullRequest(fields, repository) : undefined,
    base: text(env, "GITHUB_BASE_REF"),
    trunk: readTrunk(fields),
    actor: text(env, "GITHUB_ACTOR"),
    id: text(env, "GITHUB_RUN_ID"),
    attempt,
    isJob: env["GITHUB_ACTIONS"] === "true",
    repository,
    isPrivate: fieldsOf(fields["repository"])["private"] === true,
    visibility: readVisibility(fields),
    repositoryId: text(env, "GITHUB_REPOSITORY_ID"),
    ownerId: text(env, "GITHUB_REPOSITORY_OWNER_ID"),
    workflow: text(env, "GITHUB_WORKFLOW_REF"),
    runner: text(env, "RUNNER_ENVIRONMENT"),
    server,
    gitHubHosts: [...new Set([serverHost, text(env, "GH_HOST") ?? serverHost, "github.com"])],
    registry: packageRegistry(server.url),
    workspace: text(env, "GITHUB_WORKSPACE"),
    files: {
      output: text(env, "GITHUB_OUTPUT"),
      summary: text(env, "GITHUB_STEP_SUMMARY"),
      temporary: text(env, "RUNNER_TEMP"),
    },
    results,
    cacheMode: text(env, "ACTIONS_CACHE_MODE"),
  };
  return { ci, tokens: readTokens(env), warnings };
}

/** The variables that say which run this is, for a process that does not have the job's environment. No token, and nothing of one step. */
export function runVariables(env: Host["env"]): Record<string, string> {
  const ofStep = /TOKEN|SECRET|PASSWORD|^GITHUB_(?:ACTION(?:_.*)?|ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)$/;
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && /^(?:(?:GITHUB|RUNNER)_.+|CI)$/.test(entry[0]) && !ofStep.test(entry[0]),
  );
  return Object.fromEntries(entries);
}

/** Whether the machine is one of GitHub's own, which is thrown away after the job. */
export function isHostedRunner(env: Host["env"]): boolean {
  return env["RUNNER_ENVIRONMENT"] === "github-hosted";
}

/** Tokens of a job that was given one: it takes the place of those for GitHub, also in the environment that definitions read. */
export function withJobToken(tokens: RunTokens, token: string): { tokens: RunTokens; env: Record<string, string> } {
  const secret = new Secret(token);
  // Both, since the one that a person set for `gh` would win.
  return {
    tokens: { ...tokens, github: secret, job: secret, all: [...tokens.all, secret] },
    env: { GITHUB_TOKEN: token, GH_TOKEN: token },
  };
}

/** Base address of the REST API of a GitHub server, by its host. */
export function apiUrlOf(host: string): string {
  if (host === "github.com") return "https://api.github.com";
  return isCloud(host) ? `https://api.${host}` : `https://${host}/api/v3`;
}

function readServer(env: Host["env"]): GitHubServer {
  const given = readAddress(env, "GITHUB_SERVER_URL");
  const url = given ?? `https://${text(env, "GH_HOST") ?? "github.com"}`;
  if (!URL.canParse(url)) throw noAddress("GH_HOST", env["GH_HOST"] ?? "");
  const api = given === undefined ? undefined : readAddress(env, "GITHUB_API_URL");
  return { url, apiUrl: api ?? apiUrlOf(new URL(url).host) };
}

/** Without a slash at its end. */
function readAddress(env: Host["env"], name: string): string | undefined {
  const url = text(env, name);
  if (url === undefined) return undefined;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw noAddress(name, url);
  return trimEndOf(url, "/");
}

function noAddress(name: string, value: string): SlipwayError {
  return new SlipwayError("run-invalid", `${name}, "${value}", is no address of a GitHub server`, {
    hint: name === "GH_HOST" ? "such as ghe.example.com" : "such as https://github.com; GitHub's runner sets it",
  });
}

/** An Enterprise Server has a registry of its own, and its token goes nowhere else. */
function packageRegistry(serverUrl: string): string {
  const { hostname, host } = new URL(serverUrl);
  return hostname === "github.com" || hostname.endsWith(".localhost") ? "ghcr.io" : `containers.${host}`;
}

/** Branch or tag: by the ref, or by its two halves where only those are given. */
function readNames(env: Host["env"], ref: string): Pick<CiRun, "branch" | "tag"> {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (ref !== "") return { branch: kind === "heads" ? name : undefined, tag: kind === "tags" ? name : undefined };
  const given = text(env, "GITHUB_REF_NAME");
  const type = env["GITHUB_REF_TYPE"];
  return { branch: type === "branch" ? given : undefined, tag: type === "tag" ? given : undefined };
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request */
function readPullRequest(event: Fields, repository: GitHubRepository | undefined): PullRequest | undefined {
  const { number: own, head } = fieldsOf(event["pull_request"]);
  const number = typeof own === "number" ? own : event["number"];
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1) return undefined;
  const from = textField(fieldsOf(fieldsOf(head)["repo"]), "full_name");
  const named = repository === undefined ? "" : `${repository.owner}/${repository.name}`;
  const to = textField(fieldsOf(event["repository"]), "full_name") || named;
  const isClosed = event["action"] === "closed";
  const tip = textField(fieldsOf(head), "sha") || undefined;
  if (from === "") return { number, from: { kind: "gone" }, isClosed, head: tip };
  const isOwn = from.toLowerCase() === to.toLowerCase();
  return { number, from: isOwn ? { kind: "own" } : { kind: "fork", repository: from }, isClosed, head: tip };
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads: `visibility` may be `internal`, which is private, too. */
function readVisibility(event: Fields): CiRun["visibility"] {
  const { private: isPrivate } = fieldsOf(event["repository"]);
  if (typeof isPrivate !== "boolean") return "unknown";
  return isPrivate ? "private" : "public";
}

function readTrunk(event: Fields): string | undefined {
  const { pull_request: pullRequest, merge_group: mergeGroup } = event;
  const base = fieldsOf(fieldsOf(pullRequest)["base"])["sha"] ?? fieldsOf(mergeGroup)["base_sha"];
  return typeof base === "string" && /^[0-9a-f]{40}$/.test(base) ? base : undefined;
}

function readNumbers(env: Host["env"]): { attempt: number; results: string | undefined; warnings: string[] } {
  const warnings: string[] = [];
  const given = text(env, "GITHUB_RUN_ATTEMPT") ?? "1";
  const isAttempt = /^[1-9]\d{0,8}$/.test(given);
  if (!isAttempt) warnings.push(`GITHUB_RUN_ATTEMPT, "${given}", is no number: the run counts as its first attempt`);
  const url = text(env, "ACTIONS_RESULTS_URL");
  const isUrl = url === undefined || URL.canParse(url);
  if (!isUrl) warnings.push(`ACTIONS_RESULTS_URL, "${url}", is no address: GitHub's artifacts and caches are not used`);
  const results = url === undefined || !isUrl ? undefined : new URL(url).origin;
  return { attempt: isAttempt ? Number(given) : 1, results, warnings };
}

function readTokens(env: Host["env"]): RunTokens {
  const secrets = new Map(
    tokenNames.flatMap((name) => {
      const value = text(env, name);
      return value === undefined ? [] : [[name, new Secret(value)] as const];
    }),
  );
  return {
    github: secrets.get("GH_TOKEN") ?? secrets.get("GITHUB_TOKEN"),
    enterprise: secrets.get("GH_ENTERPRISE_TOKEN") ?? secrets.get("GITHUB_ENTERPRISE_TOKEN"),
    job: secrets.get("GITHUB_TOKEN"),
    runtime: secrets.get("ACTIONS_RUNTIME_TOKEN"),
    identity: readIdentityAccess(env, secrets.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")),
    all: [...secrets.values()],
  };
}

function readIdentityAccess(env: Host["env"], token: Secret | undefined): IdentityAccess | undefined {
  const url = text(env, "ACTIONS_ID_TOKEN_REQUEST_URL");
  return token === undefined || url === undefined || !URL.canParse(url) ? undefined : { url, token };
}

/** https://cli.github.com/manual/gh_help_environment, and the runner's own. */
const tokenNames = [
  "GH_TOKEN",
  "GITHUB_TOKEN",
  "GH_ENTERPRISE_TOKEN",
  "GITHUB_ENTERPRISE_TOKEN",
  "ACTIONS_RUNTIME_TOKEN",
  "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
] as const;

function parseSlug(slug: string | undefined): GitHubRepository | undefined {
  const [, owner, name] = /^([^/\s]+)\/([^/\s]+)$/.exec(slug ?? "") ?? [];
  return owner === undefined || name === undefined ? undefined : { owner, name };
}

/** An empty variable counts as none: runners set those of what a run has not. */
function text(env: Host["env"], name: string): string | undefined {
  const value = env[name];
  return isSet(value) ? value : undefined;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
