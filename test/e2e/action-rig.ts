import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleAction } from "../../scripts/bundle-action.ts";
import { type GitHub, type JobOptions, startGitHub } from "../../sandbox/github/index.ts";
import { environment, type Files, makeRepo, type Repo, type RepoOptions } from "./rig.ts";

/** Result of one step with the action. */
export interface StepResult {
  readonly exitCode: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Its job's folder. */
  readonly workspace: string;
  /** Files below RUNNER_TEMP after the step's end. */
  readonly left: readonly string[];
}

export interface StepOptions {
  readonly job?: JobOptions;
  /** Payload of the event. */
  readonly event?: object;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A folder that an earlier step used; default: an empty one. */
  readonly workspace?: string;
  /** Called with the log so far, as it grows; may cancel the run, as a person does. */
  readonly onLog?: (log: string, cancel: () => void) => void;
}

/** A repository on GitHub, and jobs with the action's bundle in it, each in a folder of its own. */
export interface ActionRig {
  readonly repo: Repo;
  readonly github: GitHub;
  step(inputs: Readonly<Record<string, string>>, options?: StepOptions): Promise<StepResult>;
  close(): Promise<void>;
}

export async function makeActionRig(files: Files, options: RepoOptions = {}): Promise<ActionRig> {
  const base = await mkdtemp(join(tmpdir(), "slipway-action-"));
  // As the action's own repository has it.
  const bundle = join(base, "action/dist/action");
  await bundleAction(bundle);
  await copyFile(resolve(import.meta.dirname, "../../package.json"), join(base, "action/package.json"));
  const repo = await makeRepo(files, options);
  const github = await startGitHub({ repository: "acme/shop", git: repo.folder, isPrivate: true });
  let count = 0;
  return {
    repo,
    github,
    async step(inputs, step = {}) {
      count += 1;
      const folder = join(base, `job-${count}`);
      const trunk = (await repo.git("rev-parse", "main")).trim();
      const given = step.job?.event === "pull_request" ? { ...step, event: withTrunk(step.event ?? {}, trunk) } : step;
      return runStep({ bundle, folder, github }, inputs, given);
    },
    async close() {
      await github.close();
      await repo.remove();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** As GitHub has it in every event of a pull request: the tip of the branch that it is for. */
function withTrunk(event: object, sha: string): object {
  const pull = "pull_request" in event && typeof event.pull_request === "object" ? event.pull_request : {};
  return { ...event, pull_request: { ...pull, base: { sha } } };
}

async function runStep(
  { bundle, folder, github }: { readonly bundle: string; readonly folder: string; readonly github: GitHub },
  inputs: Readonly<Record<string, string>>,
  { job = {}, event = {}, env: more = {}, workspace = join(folder, "workspace"), onLog }: StepOptions,
): Promise<StepResult> {
  const temp = join(folder, "temp");
  const files = { output: join(folder, "output"), state: join(folder, "state"), summary: join(folder, "summary") };
  const eventFile = join(folder, "event.json");
  await mkdir(temp, { recursive: true });
  await mkdir(workspace, { recursive: true });
  for (const file of Object.values(files)) await writeFile(file, "");
  await writeFile(eventFile, JSON.stringify(event));
  const { GITHUB_TOKEN: token = "", ...variables } = await github.env(job);
  const given = Object.entries({ "github-token": token, ...inputs });
  const env = {
    ...environment(),
    ...variables,
    GITHUB_WORKSPACE: workspace,
    GITHUB_OUTPUT: files.output,
    GITHUB_STATE: files.state,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_EVENT_PATH: eventFile,
    RUNNER_TEMP: temp,
    ...Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
    ...more,
  };
  const { exitCode, log } = await run(join(bundle, "main.js"), env, workspace, onLog);
  const state = await readValues(files.state);
  const states = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
  const post = await run(join(bundle, "post.js"), { ...env, ...Object.fromEntries(states) }, workspace);
  return {
    exitCode,
    log: log + post.log,
    outputs: await readValues(files.output),
    summary: await readFile(files.summary, "utf8"),
    workspace,
    left: await readdir(temp),
  };
}

function run(
  script: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  onLog?: StepOptions["onLog"],
): Promise<{ exitCode: number | null; log: string }> {
  const child = spawn(process.execPath, [script], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  let isCancelled = false;
  // Once, as a runner does: a second signal may come when Node no longer listens, and then the signal ends the process.
  const cancel = (): void => {
    if (!isCancelled) child.kill("SIGINT");
    isCancelled = true;
  };
  const hear = (text: string): void => {
    log += text;
    onLog?.(log, cancel);
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (exitCode) => done({ exitCode, log }));
  });
}

/** A runner's file of `name<<delimiter`, lines, delimiter. */
async function readValues(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, "utf8");
  const found = text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm);
  return Object.fromEntries([...found].map(([, name = "", , value = ""]) => [name, value]));
}
