import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitHub, type GitHubOptions, startGitHub } from "../github/index.ts";
import type { Permissions } from "../github/token.ts";
import { mustRun } from "../processes.ts";
import { makeDockerPerJob } from "./docker-per-job.ts";
import { runnerLabels } from "./labels.ts";
import { askedPermissions } from "./permissions.ts";
import { type RunningAct, startAct } from "./run.ts";
import type { ActTools } from "./tools.ts";

/** What a run is about. */
export type RunCause =
  | { readonly event: "push"; readonly ref: string }
  | { readonly event: "schedule" }
  | { readonly event: "workflow_dispatch"; readonly inputs: Readonly<Record<string, string>> }
  | PullRequestCause;

export interface PullRequestCause {
  readonly event: "pull_request";
  readonly action?: "synchronize" | "closed";
  readonly number: number;
  readonly branch: string;
  readonly isFork?: boolean;
}

export interface RunSettings {
  readonly workflow: string;
  /** The folder with `action.yml` for each `uses:` that is not to be fetched. */
  readonly actions: Readonly<Record<string, string>>;
  /** The environment of the runner: how engines and registries are reached. */
  readonly env: Readonly<Record<string, string>>;
  /** Keys of jobs that have Docker, and `DOCKER_HOST` of the engines that they get, one each. */
  readonly docker: { readonly jobs: readonly string[]; readonly engines: readonly string[] };
  /** Of the token; default: what the workflow's jobs ask for together. */
  readonly permissions?: Permissions;
  /** Of a run that goes on: its id, and which attempt this is. */
  readonly runId?: string;
  readonly runAttempt?: number;
  readonly signal?: AbortSignal;
}

export interface HostedRun extends RunningAct {
  readonly runId: string;
  /** Calls of `docker` in jobs that have none. */
  refusedDocker(): readonly string[];
}

/** A repository as GitHub has it: cloned and fetched over HTTP, its workflows run by act in the working tree. */
export interface HostedRepository {
  /** The working tree; what is checked out there is what a run is about. */
  readonly folder: string;
  readonly github: GitHub;
  git(...args: string[]): Promise<string>;
  /** Makes GitHub have the commit that is checked out under this ref. */
  push(ref: string): Promise<void>;
  start(cause: RunCause, settings: RunSettings): Promise<HostedRun>;
  close(): Promise<void>;
}

const hostedName = "acme/shop";

/** Puts the repository of a working tree on a GitHub of its own. */
export async function hostRepository(
  tools: ActTools,
  folder: string,
  options: Omit<GitHubOptions, "repository" | "git"> = {},
): Promise<HostedRepository> {
  const place = mkdtempSync(join(tmpdir(), "slipway-hosted-"));
  const bare = join(place, "shop.git");
  const git = (...args: string[]): Promise<string> => runGit(folder, args);
  await runGit(place, ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  await git("remote", "add", "origin", `https://github.com/${hostedName}.git`);
  const push = async (ref: string): Promise<void> => {
    await git("push", "--quiet", "--force", bare, `HEAD:${ref}`);
  };
  await push("refs/heads/main");
  const github = await startGitHub({ ...options, repository: hostedName, git: bare });
  let count = 0;
  return {
    folder,
    github,
    git,
    push,
    async start(cause, settings) {
      const sha = (await git("rev-parse", "HEAD")).trim();
      const runId = settings.runId ?? String(5000 + (count += 1));
      const job = await github.env({
        ...aboutJob(cause),
        sha,
        runId,
        runAttempt: settings.runAttempt ?? 1,
        permissions: settings.permissions ?? askedPermissions(readFileSync(join(folder, settings.workflow), "utf8")),
        workflow: "slipway",
      });
      const { GITHUB_TOKEN: token = "", ...others } = job;
      const docker = makeDockerPerJob({
        folder: mkdtempSync(join(place, "docker-")),
        docker: await findDocker(settings.env),
        ...settings.docker,
      });
      const path = [docker.folder, tools.nodeFolder, settings.env["PATH"] ?? process.env["PATH"] ?? ""].join(":");
      const running = startAct({
        tools,
        repo: folder,
        workflow: settings.workflow,
        event: cause.event,
        payload: payloadOf(cause, sha),
        labels: labelsIn(folder),
        actions: settings.actions,
        token,
        jobEnv: Object.fromEntries(Object.entries(others).filter(([name]) => !setByAct.has(name))),
        env: { ...cleanEnvironment(), ...settings.env, PATH: path },
        ...(settings.signal === undefined ? {} : { signal: settings.signal }),
      });
      return { ...running, runId, refusedDocker: () => docker.refused() };
    },
    async close() {
      await github.close();
      rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Of all workflows, since one may call another. */
function labelsIn(folder: string): readonly string[] {
  const workflows = join(folder, ".github/workflows");
  const labels = readdirSync(workflows).flatMap((file) => runnerLabels(readFileSync(join(workflows, file), "utf8")));
  return [...new Set(labels)];
}

/** Different from job to job, or nothing that act lets one choose. */
const setByAct = new Set(["GITHUB_JOB", "GITHUB_EVENT_NAME", "GITHUB_SHA", "GITHUB_WORKFLOW"]);

function aboutJob(cause: RunCause): {
  event: string;
  ref: string;
  baseRef?: string;
  headRef?: string;
  isFork?: boolean;
} {
  switch (cause.event) {
    case "push":
      return { event: "push", ref: cause.ref };
    case "schedule":
    case "workflow_dispatch":
      return { event: cause.event, ref: "refs/heads/main" };
    case "pull_request":
      return {
        event: "pull_request",
        ref: `refs/pull/${cause.number}/merge`,
        baseRef: "main",
        headRef: cause.branch,
        isFork: cause.isFork ?? false,
      };
  }
}

/** What of the payload somebody reads; https://docs.github.com/webhooks/webhook-events-and-payloads */
function payloadOf(cause: RunCause, sha: string): object {
  const repository = { full_name: hostedName, name: "shop", default_branch: "main", owner: { login: "acme" } };
  switch (cause.event) {
    case "push":
      return { ref: cause.ref, after: sha, deleted: false, repository };
    case "schedule":
      return { schedule: "0 3 * * *", repository };
    case "workflow_dispatch":
      return { ref: "refs/heads/main", inputs: cause.inputs, repository };
    case "pull_request": {
      const from = cause.isFork === true ? "someone/shop" : hostedName;
      const head = { ref: cause.branch, sha, repo: { full_name: from, fork: cause.isFork ?? false } };
      const base = { ref: "main", sha, repo: { full_name: hostedName, fork: false } };
      return {
        action: cause.action ?? "synchronize",
        number: cause.number,
        pull_request: { number: cause.number, head, base },
        repository,
      };
    }
  }
}

async function findDocker(env: Readonly<Record<string, string>>): Promise<string> {
  const found = await mustRun("looking for docker", "/bin/sh", ["-c", "command -v docker"], {
    env: { ...process.env, ...env },
  });
  return found.trim();
}

/** This process's environment without what would tell of another run, and without proxies: all servers are on this machine. */
function cleanEnvironment(): Record<string, string> {
  const foreign =
    /^(GITHUB_|ACTIONS_|RUNNER_|GIT_|VITEST|INPUT_|SLIPWAY_)|^(CI|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)$|_proxy$/i;
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || foreign.test(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(own), NO_COLOR: "1", GIT_PAGER: "cat" };
}

async function runGit(cwd: string, args: readonly string[]): Promise<string> {
  const who = ["-c", "user.name=Ada Chandler", "-c", "user.email=ada@shop.example", "-c", "commit.gpgsign=false"];
  const env = { ...cleanEnvironment(), GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  return mustRun(`git ${args[0] ?? ""}`, "git", [...who, ...args], { cwd, env });
}
