import { appendFile } from "node:fs/promises";
import * as core from "@actions/core";

/** What the runner is told, beside the log: outputs, state for the step's end, secrets, the summary. */
export interface Runner {
  setOutput(name: string, value: string): void;
  /** Kept for the step's end, also when the run is cancelled. */
  saveState(name: string, value: string): void;
  readState(name: string): string;
  /** Sets a variable for the steps of the job that follow. */
  exportVariable(name: string, value: string): void;
  /** Keeps a value out of the log from now on. */
  mask(secret: string): void;
  /** Adds Markdown to the step's summary. */
  addSummary(markdown: string): Promise<void>;
}

/** Names of the state that a step's end needs. */
export const stateNames = { dockerConfig: "docker-config", builder: "builder" } as const;

/** The runner that this process is a step of. `summary`: the file of the step's summary. */
export function makeRunner(summary: string | undefined): Runner {
  return {
    setOutput: core.setOutput,
    saveState: core.saveState,
    readState: core.getState,
    exportVariable: core.exportVariable,
    // Runners of other makes would print an empty one as a command that is wrong.
    mask: (secret) => (secret === "" ? undefined : core.setSecret(secret)),
    addSummary: async (markdown) => {
      if (summary !== undefined) await appendFile(summary, markdown);
    },
  };
}
