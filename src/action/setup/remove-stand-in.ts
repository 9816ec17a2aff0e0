import { rm } from "node:fs/promises";
import type { Host } from "../../host.ts";
import { removeDockerFolder, type StandInEnd } from "../../plugin/docker-folder.ts";
import { machinePlaces, type MachinePlaces, renderRemove } from "../../plugin/machine-stand-in.ts";
import { jobName } from "../../plugin/stand-in.ts";
import type { Runner } from "../runner.ts";
import { runAsRoot, setupState } from "./place-stand-in.ts";

/** What a setup step left in the job; empty texts: it did not come that far. */
export interface SetupState {
  readonly name: string;
  readonly job: string;
  readonly folder: string;
  readonly original: string;
  readonly hasMachine: boolean;
}

/** Reads what the setup step saved. */
export function readSetupState(runner: Runner): SetupState {
  return {
    name: runner.readState(setupState.name),
    job: runner.readState(setupState.job),
    folder: runner.readState(setupState.folder),
    original: runner.readState(setupState.original),
    hasMachine: runner.readState(setupState.sudo) === "true",
  };
}

/**
 * Puts back what was there before the setup step, also where that ended half-way; the job's own folder stays for the report. Gives
 * what could not be undone as well.
 */
export async function removeStandIn(
  host: Host,
  state: SetupState,
  machine: MachinePlaces = machinePlaces,
): Promise<{ readonly end: StandInEnd; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  if (state.hasMachine) {
    const because = await runAsRoot(host, renderRemove(machine, state.name));
    if (because !== undefined) faults.push(`the stand-in in ${machine.plugins} could not be removed: ${because}`);
  }
  if (state.folder === "") return { end: "gone", faults };
  return { end: await removeDockerFolder({ folder: state.folder, original: state.original }), faults };
}

/** Gives steps that end after this one the variables that were there before. */
export function restoreVariables(runner: Runner, { original }: SetupState): void {
  if (original === "") return;
  runner.exportVariable("DOCKER_CONFIG", original);
  runner.exportVariable(jobName, "");
}

/** Removes the job's folder: builds that are still running are plain ones from now on. */
export async function removeJobFolder({ job }: SetupState): Promise<void> {
  if (job !== "") await rm(job, { recursive: true, force: true });
}
