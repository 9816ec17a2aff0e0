import { trimEndOf } from "../formats/trim.ts";
import { mkdir } from "node:fs/promises";
import type { Event } from "../event.ts";
import type { Host } from "../host.ts";
import { isReviewed } from "../pipeline/run-event.ts";
import { openWorkspace, type Workspace } from "../pipeline/workspace.ts";
import { makeGitHubLog } from "../report/github-log.ts";
import { makeSummaryFacts, type SummaryFacts } from "../report/step-summary.ts";
import { withGitToken } from "../source/git-token.ts";
import { SlipwayError } from "../errors.ts";
import { ensureRepository } from "./checkout.ts";
import { encodeLogin, makeDockerConfig, readDockerConfig } from "./docker-config.ts";
import { explainOutcomeInJob } from "./explain-in-job.ts";
import type { ActionRequest } from "./inputs.ts";
import { makeJobHost, trustFolder } from "./job-host.ts";
import { packageRegistry, planLogins } from "./logins.ts";
import { type Purpose, decidePurpose, keepUntrusted } from "./purpose.ts";
import { type Runner, stateNames } from "./runner.ts";
import { readTrigger, type Trigger } from "./trigger.ts";
import { versionSourceOf } from "./version-source.ts";

/** One run of the action: what it works on, what it is for, and whom it tells. */
export interface Job {
  readonly host: Host;
  readonly runner: Runner;
  readonly trigger: Trigger;
  readonly emit: (event: Event) => void;
  /** What was told so far. */
  readonly facts: SummaryFacts;
  /** Makes the job's own environment, with its logins and git's token. */
  prepare(): Promise<PreparedJob>;
  close(): void;
}

/** A job that can be opened: programs that it starts have its logins. */
export interface PreparedJob {
  readonly host: Host;
  /** Fetches the repository, and finds its services. */
  open(): Promise<OpenJob>;
}

/** A job with the repository at hand. */
export interface OpenJob extends Pick<Job, "runner" | "trigger" | "emit" | "facts"> {
  /** As prepared. */
  readonly host: Host;
  readonly workspace: Workspace;
  readonly purpose: Purpose;
}

/** A job as the runner tells it. Nothing is looked up until it is prepared; who makes it closes it. */
export async function makeJob(host: Host, runner: Runner, request: ActionRequest): Promise<Job> {
  const trigger = await readTrigger(host.env);
  const facts = makeSummaryFacts(() => host.monotonic());
  const log = makeGitHubLog(host, { follows: request.command === "build" });
  const credentials = { ownRegistry: packageRegistry(host.env), isFork: trigger.isFork };
  const emit = (told: Event): void => {
    const event = explainOutcomeInJob(told, credentials);
    facts.emit(event);
    log.emit(event);
  };
  const shared = { runner, trigger, emit, facts };
  const open = async (own: Host): Promise<OpenJob> => {
    const needsHistory = request.command === "release" && !isReviewed(trigger);
    const options = { config: request.config, untrusted: request.untrusted };
    await checkOut(own, trigger, needsHistory, emit);
    let workspace = await openWorkspace(own, options, emit);
    const asked = { ...request.asked, shadow: request.shadow };
    const purpose = keepUntrusted(decidePurpose(trigger, asked, workspace.project.groups), workspace.trust);
    if (purpose.kind === "build" && purpose.warning !== undefined) emit({ kind: "warning", message: purpose.warning });
    const versions = versionSourceOf(purpose, request.asked.versionFrom, workspace.project.version);
    if (versions?.kind === "commits" && workspace.repository.shallow) {
      await checkOut(own, trigger, true, emit);
      workspace = await openWorkspace(own, options, emit);
    }
    return { ...shared, host: own, workspace, purpose };
  };
  return {
    ...shared,
    host,
    prepare: async () => {
      const own = await prepareHost(host, runner, request, emit);
      return { host: own, open: () => open(own) };
    },
    close: () => log.close(),
  };
}

/** The host with the job's own logins for registries and git. */
async function prepareHost(host: Host, runner: Runner, request: ActionRequest, emit: Job["emit"]): Promise<Host> {
  const { env } = host;
  const { logins, empty } = planLogins(env, request, await readDockerConfig(env));
  for (const { user, password } of logins) {
    runner.mask(password);
    runner.mask(encodeLogin(user, password));
  }
  for (const registry of empty) {
    const message = `no login for ${registry}: its line of the input "registries" has no user and password; secrets are not given to runs for forks`;
    emit({ kind: "warning", message });
  }
  const folder = await makeDockerConfig(host, logins);
  runner.saveState(stateNames.dockerConfig, folder);
  const workspace = workspaceOf(env);
  // Programs are started there, also before the repository is.
  await mkdir(workspace, { recursive: true });
  const own = makeJobHost(host, {
    cwd: workspace,
    env: { DOCKER_CONFIG: folder, NO_COLOR: "1", ...trustFolder(env, workspace) },
    // Both, since the one that a person set for `gh` would win.
    own: request.token === undefined ? {} : { GITHUB_TOKEN: request.token, GH_TOKEN: request.token },
  });
  if (request.token === undefined) return own;
  runner.mask(request.token);
  runner.mask(encodeLogin("x-access-token", request.token));
  return withGitToken(own, serverOf(env), request.token);
}

async function checkOut(
  host: Host,
  { trunk }: Pick<Trigger, "trunk">,
  needsHistory: boolean,
  emit: Job["emit"],
): Promise<void> {
  const { env } = host;
  const repository = env["GITHUB_REPOSITORY"] ?? "";
  const commit = env["GITHUB_SHA"] ?? "";
  if (repository === "" || commit === "") {
    throw new SlipwayError("usage", "GITHUB_REPOSITORY and GITHUB_SHA do not say which commit the run is for", {
      hint: "the action runs in a job of GitHub Actions; elsewhere there is the command line, `npx slipway`",
    });
  }
  const history = needsHistory ? "commits" : "none";
  const ref = env["GITHUB_REF"] ?? "";
  const url = `${serverOf(env)}/${repository}`;
  await ensureRepository(host, { folder: workspaceOf(env), url, commit, ref, history, beside: trunk }, emit);
}

function workspaceOf(env: Host["env"]): string {
  const folder = env["GITHUB_WORKSPACE"] ?? "";
  if (folder !== "") return folder;
  throw new SlipwayError("usage", "GITHUB_WORKSPACE does not say where the job's folder is", {
    hint: "the action runs in a job of GitHub Actions; elsewhere there is the command line, `npx slipway`",
  });
}

function serverOf(env: Host["env"]): string {
  return trimEndOf(env["GITHUB_SERVER_URL"] || "https://github.com", "/");
}
