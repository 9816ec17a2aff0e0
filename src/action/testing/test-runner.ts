import type { Runner } from "../runner.ts";

/** Runner that records all calls. */
export interface TestRunner extends Runner {
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** Variables that were set for later steps. */
  readonly exported: Readonly<Record<string, string>>;
  readonly masked: readonly string[];
  readonly summary: readonly string[];
}

export function makeTestRunner(): TestRunner {
  const outputs: Record<string, string> = {};
  const state: Record<string, string> = {};
  const exported: Record<string, string> = {};
  const masked: string[] = [];
  const summary: string[] = [];
  return {
    outputs,
    state,
    exported,
    masked,
    summary,
    setOutput: (name, value) => {
      outputs[name] = value;
    },
    saveState: (name, value) => {
      state[name] = value;
    },
    readState: (name) => state[name] ?? "",
    exportVariable: (name, value) => {
      exported[name] = value;
    },
    mask: (secret) => {
      masked.push(secret);
    },
    addSummary: async (markdown) => {
      summary.push(markdown);
    },
  };
}
