import { inject } from "vitest";
import { type HostedRun, hostRepository, type RunCause, type RunSettings } from "../../sandbox/act/hosted.ts";
import type { ActRun } from "../../sandbox/act/run.ts";
import type { GitHub, GitHubOptions } from "../../sandbox/index.ts";
import { type Files, hasEngine, makeRepo, type Repo, type RepoOptions, sandbox } from "../e2e/rig.ts";

const act = inject("act");

/** Whether workflows can be run; tests of them are skipped where act or an engine cannot be had. */
export const canRun = hasEngine && act !== null;

/** A repository with the workflow that `slipway init` wrote, on a GitHub of its own. */
export interface Scene {
  readonly repo: Repo;
  readonly github: GitHub;
  /** What `init` wrote. */
  readonly workflow: string;
  /** Starts a run of what is checked out; `finish` waits for it. */
  start(cause: RunCause, more?: Partial<RunSettings>): Promise<HostedRun>;
  run(cause: RunCause, more?: Partial<RunSettings>): Promise<Finished>;
  /** Makes what is checked out GitHub's trunk. */
  push(): Promise<void>;
  /** Commits, pushes to trunk and runs. */
  pushTrunk(files: Files, more?: Partial<RunSettings>): Promise<Finished>;
  /** Tags what is checked out, pushes the tag and runs. */
  pushTag(tag: string, more?: Partial<RunSettings>): Promise<Finished>;
  /** Commits on a branch of its own, opens a pull request and runs it; trunk is checked out again afterwards. */
  pullRequest(files: Files, options?: PullOptions): Promise<Finished & { readonly number: number }>;
  remove(): Promise<void>;
}

export interface Finished extends ActRun {
  readonly runId: string;
  refusedDocker(): readonly string[];
}

export interface PullOptions {
  readonly isFork?: boolean;
  readonly action?: "synchronize" | "closed";
  /** Further commits of a pull request that is there. Default: a new one. */
  readonly number?: number;
}

export interface SceneOptions extends RepoOptions {
  /** Further arguments of `slipway init`. */
  readonly init?: readonly string[];
  readonly github?: Omit<GitHubOptions, "repository" | "git">;
}

/** A push to trunk. */
export const trunk: RunCause = { event: "push", ref: "refs/heads/main" };

const workflow = ".github/workflows/slipway.yml";
const action = "acme/slipway@v1";

/** Makes the repository, has `slipway init` write the workflow, and puts all on GitHub. */
export async function openScene(files: Files, options: SceneOptions = {}): Promise<Scene> {
  if (act === null) throw new Error("act cannot be had: the test should have been skipped");
  const repo = await makeRepo(files, options);
  const hosted = await hostRepository(act.tools, repo.folder, options.github);
  const remove = async (): Promise<void> => {
    await hosted.close();
    await repo.remove();
  };
  const written = await repo.slipway("init", "--yes", "--action", action, ...(options.init ?? []));
  if (written.exitCode !== 0) {
    await remove();
    throw new Error(`slipway init: ${written.stderr}`);
  }
  await repo.commit({}, "ci: release with Slipway");
  const push = (): Promise<void> => hosted.push("refs/heads/main");
  await push();
  const { env } = sandbox();
  const jobsWithDocker = options.init?.includes("single") === true ? ["release"] : ["build", "build-2"];
  const start: Scene["start"] = (cause, more = {}) =>
    hosted.start(cause, {
      workflow,
      actions: { [action]: act.action },
      docker: { jobs: jobsWithDocker, engines: [env["DOCKER_HOST"] ?? ""] },
      ...more,
      env: { ...env, ...options.env, ...more.env },
    });
  const run: Scene["run"] = async (cause, more) => finish(await start(cause, more));
  let pulls = 0;
  return {
    repo,
    github: hosted.github,
    workflow,
    start,
    run,
    push,
    async pushTrunk(changed, more) {
      await repo.commit(changed);
      await push();
      return run(trunk, more);
    },
    async pushTag(tag, more) {
      await repo.git("tag", "--force", tag);
      await hosted.push(`refs/tags/${tag}`);
      return run({ event: "push", ref: `refs/tags/${tag}` }, more);
    },
    async pullRequest(changed, { isFork = false, action = "synchronize", number: known } = {}) {
      const branch = `change-${known ?? pulls + 1}`;
      await repo.git("checkout", "--quiet", ...(known === undefined ? ["-b"] : []), branch);
      await repo.commit(changed);
      await hosted.push(`refs/heads/${branch}`);
      const number = known ?? (await hosted.github.openPullRequest({ title: "A change", head: branch }));
      pulls = Math.max(pulls, number);
      await repo.git("checkout", "--quiet", "--detach", "main");
      await repo.git("merge", "--quiet", "--no-ff", "--message", `Merge ${branch}`, branch);
      await hosted.push(`refs/pull/${number}/merge`);
      const ran = await run({ event: "pull_request", action, number, branch, isFork });
      await repo.git("checkout", "--quiet", "main");
      return { ...ran, number };
    },
    remove,
  };
}

/** Waits for a run's end. */
export async function finish(run: HostedRun): Promise<Finished> {
  return { ...(await run.ended), runId: run.runId, refusedDocker: () => run.refusedDocker() };
}

/** Four services: api and worker copy a library, web starts from gateway's image. */
export const shopFiles: Files = {
  "libs/events/event.txt": "an order\n",
  "api/Dockerfile": "FROM busybox\nCOPY libs/events /libs\nCOPY api/app.txt /app.txt\n",
  "api/app.txt": "api 1\n",
  "worker/Dockerfile": "FROM busybox\nCOPY libs/events /libs\nCOPY worker/app.txt /app.txt\n",
  "worker/app.txt": "worker 1\n",
  "gateway/Dockerfile": "FROM busybox\nCOPY app.txt /app.txt\n",
  "gateway/app.txt": "gateway 1\n",
  "web/Dockerfile": "FROM gateway\nCOPY app.txt /site.txt\n",
  "web/app.txt": "web 1\n",
};

export const shopConfig = `
services:
  api: { context: ., dockerfile: api/Dockerfile }
  worker: { context: ., dockerfile: worker/Dockerfile }
  gateway: { context: gateway }
  web: { context: web, contexts: { gateway: { service: gateway } } }
`;

export const shopNames = ["api", "gateway", "web", "worker"] as const;
