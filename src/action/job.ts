import { mkdir } from "node:fs/promises";
import type { Event } from "../event.ts";
import type { Host } from "../host.ts";
import { type ReadRun, withJobToken } from "../github/run.ts";
import { type CiRun, isReviewed } from "../model/ci-run.ts";
import { openWorkspace, type Workspace } from "../core/workspace/workspace.ts";
import { makeGitHubLog } from "../report/github-log.ts";
import { makeSummaryFacts, type SummaryFacts } from "../report/step-summary.ts";
import { withGitToken } from "../source/git/git-token.ts";
import { SlipwayError } from "../errors.ts";
import { ensureRepository } from "./checkout.ts";
import { encodeLogin } from "../formats/docker-config.ts";
import { readDockerConfig } from "../registry/docker-config.ts";
import { makeDockerConfig } from "./docker-config.ts";
import { explainOutcomeInJob } from "./explain-in-job.ts";
import type { ActionRequest } from "./inputs.ts";
import { makeJobHost, trustFolder } from "./job-host.ts";
import { planLogins } from "./logins.ts";
import { type Purpose, decidePurpose, limitUntrusted } from "../core/workspace/decide-purpose.ts";
import { type Runner, stateNames } from "./runner.ts";
import { versionSourceOf } from "./version-source.ts";

/** Run of the action, with its host, its runner and its reporting. */
export interface Job {
  readonly host: Host;
  readonly runner: Runner;
  readonly run: ReadRun;
  readonly emit: (event: Event) => void;
  /** Facts for the summary, from the events so far. */
  readonly facts: SummaryFacts;
  /** Makes the job's own environment, with logins for registries and git. */
  prepare(): Promise<PreparedJob>;
  close(): void;
}

/** Job whose environment is ready: programs that it starts have its logins. */
export interface PreparedJob {
  readonly host: Host;
  /** Fetches the repository, and finds its services. */
  open(): Promise<OpenJob>;
}

/** Job with its repository. */
export interface OpenJob extends Pick<Job, "runner" | "run" | "emit" | "facts"> {
  /** Host with the job's environment. */
  readonly host: Host;
  readonly workspace: Workspace;
  readonly purpose: Purpose;
}

/** Makes a job of the run. It reads nothing before `prepare`; the caller closes it. */
export function makeJob(host: Host, runner: Runner, given: ReadRun, request: ActionRequest): Job {
  const { ci } = given;
  const facts = makeSummaryFacts(() => host.monotonic());
  const log = makeGitHubLog(host, { follows: request.command === "build" });
  const emit = (told: Event): void => {
    const event = explainOutcomeInJob(told, ci);
    facts.emit(event);
    log.emit(event);
  };
  for (const message of given.warnings) emit({ kind: "warning", message });
  const open = async ({ host: own, run }: JobStart): Promise<OpenJob> => {
    const needsHistory = request.command === "release" && !isReviewed(ci);
    const options = { config: request.config, untrusted: request.untrusted, run };
    await checkOut(own, ci, needsHistory, emit);
    let workspace = await openWorkspace(own, options, emit);
    const asked = { ...request.asked, shadow: request.shadow };
    const purpose = limitUntrusted(decidePurpose(ci, asked, workspace.project.groups), workspace.trust);
    if (purpose.kind === "build" && purpose.warning !== undefined) emit({ kind: "warning", message: purpose.warning });
    const versions = versionSourceOf(purpose, request.asked.versionFrom, workspace.project.version);
    if (versions?.kind === "commits" && workspace.repository.shallow) {
      await checkOut(own, ci, true, emit);
      workspace = await openWorkspace(own, options, emit);
    }
    return { runner, run, emit, facts, host: own, workspace, purpose };
  };
  return {
    runner,
    run: given,
    emit,
    facts,
    host,
    prepare: async () => {
      const own = await prepareHost({ host, run: given }, runner, request, emit);
      return { host: own.host, open: () => open(own) };
    },
    close: () => log.close(),
  };
}

/** Host and run with which a job works. */
interface JobStart {
  readonly host: Host;
  readonly run: ReadRun;
}

/** Returns the host and the run with the job's own logins for registries and git. */
async function prepareHost(
  { host, run }: JobStart,
  runner: Runner,
  request: ActionRequest,
  emit: Job["emit"],
): Promise<JobStart> {
  const { env } = host;
  const { ci } = run;
  const { logins, empty } = planLogins(ci, request, (await readDockerConfig(env)).config);
  for (const { user, password } of logins) {
    runner.mask(password);
    runner.mask(encodeLogin(user, password));
  }
  for (const registry of empty) {
    const message = `no login for ${registry}: its line of the input "registries" has no user and password; secrets are not given to runs for forks`;
    emit({ kind: "warning", message });
  }
  const folder = await makeDockerConfig(host, logins, ci.files.temporary);
  runner.saveState(stateNames.dockerConfig, folder);
  const workspace = workspaceOf(ci);
  // Programs start in the workspace, also before the repository is fetched.
  await mkdir(workspace, { recursive: true });
  const given = request.token === undefined ? undefined : withJobToken(run.tokens, request.token);
  const own = makeJobHost(host, {
    cwd: workspace,
    env: { DOCKER_CONFIG: folder, NO_COLOR: "1", ...trustFolder(env, workspace) },
    own: given?.env ?? {},
  });
  if (given === undefined || request.token === undefined) return { host: own, run };
  runner.mask(request.token);
  runner.mask(encodeLogin("x-access-token", request.token));
  return { host: withGitToken(own, ci.server.url, request.token), run: { ...run, tokens: given.tokens } };
}

async function checkOut(host: Host, ci: CiRun, needsHistory: boolean, emit: Job["emit"]): Promise<void> {
  const { repository, commit, ref, trunk } = ci;
  if (repository === undefined || commit === undefined) {
    throw new SlipwayError("run-invalid", "GITHUB_REPOSITORY and GITHUB_SHA do not say which commit the run is for", {
      hint: "the action runs in a job of GitHub Actions; elsewhere there is the command line, `npx slipway`",
    });
  }
  const history = needsHistory ? "commits" : "none";
  const url = `${ci.server.url}/${repository.owner}/${repository.name}`;
  await ensureRepository(host, { folder: workspaceOf(ci), url, commit, ref, history, beside: trunk }, emit);
}

function workspaceOf({ workspace }: CiRun): string {
  if (workspace !== undefined) return workspace;
  throw new SlipwayError("run-invalid", "GITHUB_WORKSPACE does not say where the job's folder is", {
    hint: "the action runs in a job of GitHub Actions; elsewhere there is the command line, `npx slipway`",
  });
}
