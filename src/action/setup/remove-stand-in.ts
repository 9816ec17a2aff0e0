import { rm } from "node:fs/promises";
import type { Host } from "../../host.ts";
import { removeDockerFolder, type StandInEnd } from "../../plugin/docker-folder.ts";
import { machinePlaces, type MachinePlaces, renderRemove } from "../../plugin/machine-stand-in.ts";
import { jobName } from "../../plugin/stand-in.ts";
import type { Runner } from "../runner.ts";
import { runAsRoot, setupState } from "./place-stand-in.ts";

/** Saved values of a setup step; an empty text: the step did not get that far. */
export interface SetupState {
  readonly name: string;
  readonly job: string;
  readonly folder: string;
  readonly original: string;
  readonly hasMachine: boolean;
}

/** Reads the values that the setup step saved. */
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
 * Restores the state before the setup step, also if that step ended half-way. The job's own folder stays for the report. Returns also the changes
 * that could not be undone.
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

/** Restores the variables for steps that end after this one. */
export function restoreVariables(runner: Runner, { original }: SetupState): void {
  if (original === "") return;
  runner.exportVariable("DOCKER_CONFIG", original);
  runner.exportVariable(jobName, "");
}

/** Removes the job's folder. Builds that are still to start run without Slipway. */
export async function removeJobFolder({ job }: SetupState): Promise<void> {
  if (job !== "") await rm(job, { recursive: true, force: true });
}
