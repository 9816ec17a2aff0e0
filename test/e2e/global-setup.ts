import type { TestProject } from "vitest/node";
import { SandboxUnavailable, type Sandbox, startSandbox } from "../../sandbox/index.ts";

/** What tests on a real engine get to know of it. Null: none can be had here, and they are skipped. */
export interface SandboxFacts {
  readonly registry: string;
  readonly mirror: string;
  readonly env: Readonly<Record<string, string>>;
}

declare module "vitest" {
  interface ProvidedContext {
    sandbox: SandboxFacts | null;
  }
}

let sandbox: Sandbox | undefined;

export async function setup(project: TestProject): Promise<void> {
  try {
    sandbox = await startSandbox({ fresh: true, log: (line) => process.stderr.write(`${line}\n`) });
    const { registry, mirror, env } = sandbox;
    project.provide("sandbox", { registry, mirror, env });
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    process.stderr.write(`tests on the engine are skipped: ${error.message}\n`);
    project.provide("sandbox", null);
  }
}

export async function teardown(): Promise<void> {
  await sandbox?.close();
}
