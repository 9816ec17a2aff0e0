import { appendFile } from "node:fs/promises";
import * as core from "@actions/core";

/** Access to the runner, in addition to the log: outputs, state for the step's end, secrets, the summary. */
export interface Runner {
  setOutput(name: string, value: string): void;
  /** Saves a value for the step's end, also if the run is cancelled. */
  saveState(name: string, value: string): void;
  readState(name: string): string;
  /** Sets a variable for later steps of the job. */
  exportVariable(name: string, value: string): void;
  /** Masks a value in the log from now on. */
  mask(secret: string): void;
  /** Adds Markdown to the step's summary. */
  addSummary(markdown: string): Promise<void>;
}

/** Names of the saved values that the step's end needs. */
export const stateNames = { dockerConfig: "docker-config", builder: "builder" } as const;

/** Returns the runner of the current step. `summary`: the file of the step's summary. */
export function makeRunner(summary: string | undefined): Runner {
  return {
    setOutput: core.setOutput,
    saveState: core.saveState,
    readState: core.getState,
    exportVariable: core.exportVariable,
    // Runners other than GitHub's would report an empty value as an invalid command.
    mask: (secret) => (secret === "" ? undefined : core.setSecret(secret)),
    addSummary: async (markdown) => {
      if (summary !== undefined) await appendFile(summary, markdown);
    },
  };
}
