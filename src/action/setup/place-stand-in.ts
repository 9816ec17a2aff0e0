import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBuildxPlugin, realPlugin } from "../../buildkit/buildx.ts";
import { errorMessage } from "../../errors.ts";
import { dockerConfigFolder } from "../../formats/docker-config.ts";
import { type ReadRun, runVariables } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { type DockerFolder, dockerFolderOf, makeDockerFolder } from "../../plugin/docker-folder.ts";
import { readStandInSettings, writeStandInSettings } from "../../plugin/job-folder.ts";
import { machinePlaces, type MachinePlaces, renderInstall } from "../../plugin/machine-stand-in.ts";
import { folderOf } from "../../plugin/read-stand-in.ts";
import { jobName, renderStandIn, type StandInProgram } from "../../plugin/stand-in.ts";
import type { Runner } from "../runner.ts";

/** Setup step of a job, with the programs that it installs. */
export interface SetupStep {
  readonly host: Host;
  readonly runner: Runner;
  readonly run: ReadRun;
  /** Absolute paths of Node and of the script that runs a build. */
  readonly programs: Pick<StandInProgram, "node" | "program">;
  /** Value of `process.platform`. */
  readonly platform: string;
  /** Places of the machine's stand-in. Default: Docker's own folder. */
  readonly machine?: MachinePlaces;
}

/** Request to the setup step. */
export interface SetupRequest {
  /** Inputs of the step, by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Whether builds under sudo are included. */
  readonly sudo: boolean;
}

/** Outcome of the step. `again`: the stand-in of an earlier step of the job now uses the new inputs. */
export type SetupOutcome =
  | { readonly kind: "placed"; readonly version: string; readonly sudo: "on" | "off" | { readonly because: string } }
  | { readonly kind: "again" }
  | { readonly kind: "not"; readonly because: string };

/** Names of the saved values that the step's end needs. */
export const setupState = {
  name: "setup-name",
  job: "setup-job",
  folder: "setup-folder",
  original: "setup-original",
  sudo: "setup-sudo",
} as const;

/**
 * Puts the stand-in in place of Docker's buildx plugin for later steps of the job. Each change is saved in the step's state before it is made, so
 * that the step's end can undo it, even if the stand-in could not be put in place.
 */
export async function placeStandIn(step: SetupStep, request: SetupRequest): Promise<SetupOutcome> {
  const { host, run, platform } = step;
  if (platform === "win32") return { kind: "not", because: "builds on Windows are not covered" };
  const original = dockerConfigFolder(host.env);
  if (original === undefined) return { kind: "not", because: "HOME does not say where Docker's configuration is" };
  const found = (await findBuildxPlugin(host).catch(() => undefined))?.path;
  if (found === undefined) return { kind: "not", because: "there is no docker with buildx here" };
  const known = folderOf(await readFile(found, "latin1"));
  const settings = known === undefined ? undefined : await readStandInSettings(known);
  if (known !== undefined && settings !== undefined) {
    await writeStandInSettings(known, { ...settings, inputs: request.inputs });
    return { kind: "again" };
  }
  const real = await realPlugin(found);
  const metadata = await askMetadata(host, real);
  if (metadata === undefined) return { kind: "not", because: `${real} does not say what it is` };
  const name = `${run.ci.id ?? "run"}-${Math.floor(host.random() * 2 ** 52).toString(36)}`;
  const job = join(run.ci.files.temporary ?? tmpdir(), `slipway-setup-${name}`);
  const place = dockerFolderOf(original, name);
  saveState(step, name, { job, place });
  const env = runVariables(host.env);
  await writeStandInSettings(job, { real, since: host.now(), inputs: request.inputs, env });
  const program: StandInProgram = { ...step.programs, folder: job };
  await makeDockerFolder(place, renderStandIn({ real, metadata, job: { kind: "own", ...program } }), job);
  const used = (await findBuildxPlugin(withFolder(host, place)))?.path;
  if (used === undefined || folderOf(await readFile(used, "latin1")) !== job) {
    return { kind: "not", because: `docker takes ${used ?? "no plugin"} for buildx, whatever its configuration has` };
  }
  const sudo = request.sudo ? await placeOnMachine(step, { name, program, real, metadata }) : "off";
  step.runner.exportVariable("DOCKER_CONFIG", place.folder);
  step.runner.exportVariable(jobName, name);
  return { kind: "placed", version: versionOf(metadata), sudo };
}

function saveState(
  { runner }: SetupStep,
  name: string,
  { job, place }: { readonly job: string; readonly place: DockerFolder },
): void {
  runner.saveState(setupState.name, name);
  runner.saveState(setupState.job, job);
  runner.saveState(setupState.folder, place.folder);
  runner.saveState(setupState.original, place.original);
}

async function placeOnMachine(
  { host, runner, machine = machinePlaces }: SetupStep,
  job: Parameters<typeof renderInstall>[1],
): Promise<"on" | { readonly because: string }> {
  runner.saveState(setupState.sudo, "true");
  const because = await runAsRoot(host, renderInstall(machine, job));
  return because === undefined ? "on" : { because };
}

/** Runs a shell script as root without asking for a password. Returns the reason if that fails. */
export async function runAsRoot(host: Host, script: string): Promise<string | undefined> {
  try {
    const { exitCode, stderr } = await host.run("sudo", ["-n", "/bin/sh", "-c", script]);
    return exitCode === 0 ? undefined : (stderr.trim().split("\n").at(-1) ?? `sudo ended with exit code ${exitCode}`);
  } catch (error) {
    return errorMessage(error);
  }
}

async function askMetadata(host: Host, real: string): Promise<string | undefined> {
  const { exitCode, stdout } = await host.run(real, ["docker-cli-plugin-metadata"]);
  const text = new TextDecoder().decode(stdout).trim();
  return exitCode === 0 && text.startsWith("{") ? text : undefined;
}

function versionOf(metadata: string): string {
  return /"Version": *"([^"]*)"/.exec(metadata)?.[1] ?? "";
}

function withFolder(host: Host, { folder }: DockerFolder): Host {
  return {
    ...host,
    run: (program, args, options = {}) =>
      host.run(program, args, { ...options, env: { ...options.env, DOCKER_CONFIG: folder } }),
  };
}
