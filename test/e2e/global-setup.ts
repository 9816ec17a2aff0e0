import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { makeActionFolder } from "../../sandbox/act/action-folder.ts";
import { type ActTools, ensureActTools } from "../../sandbox/act/tools.ts";
import { SandboxUnavailable, type Sandbox, startSandbox } from "../../sandbox/index.ts";

/** Description of the real engine for tests. Null: there is none here, and the tests are skipped. */
export interface SandboxFacts {
  readonly name: string;
  readonly registry: string;
  readonly mirror: string;
  readonly env: Readonly<Record<string, string>>;
  /** The command line, compiled: it starts faster than from its source. */
  readonly program: string;
}

/** Description of act for tests that run workflows. Null: there is none here. */
export interface ActFacts {
  readonly tools: ActTools;
  /** A folder with the action as its repository has it, and nothing else: `action.yml` and the bundle. */
  readonly action: string;
}

declare module "vitest" {
  interface ProvidedContext {
    sandbox: SandboxFacts | null;
    act: ActFacts | null;
  }
}

let sandbox: Sandbox | undefined;
const root = resolve(import.meta.dirname, "../..");
const compiled = join(root, ".sandbox", `compiled-${process.pid}`);

export async function setup(project: TestProject): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const tools = await ensureActTools(log);
  project.provide(
    "act",
    tools === undefined ? null : { tools, action: await makeActionFolder(join(compiled, "action")) },
  );
  try {
    sandbox = await startSandbox({ fresh: true, log });
    const { name, registry, mirror, env } = sandbox;
    project.provide("sandbox", { name, registry, mirror, env, program: compile() });
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    process.stderr.write(`tests on the engine are skipped: ${error.message}\n`);
    project.provide("sandbox", null);
  }
}

export async function teardown(): Promise<void> {
  await sandbox?.close();
  rmSync(compiled, { recursive: true, force: true });
}

/** Beside the dependencies, with the package's own description, as it would be installed. */
function compile(): string {
  const tsc = join(root, "node_modules/.bin/tsc");
  const { status, stdout } = spawnSync(tsc, ["-p", "tsconfig.build.json", "--outDir", join(compiled, "dist")], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`compiling the command line:\n${stdout}`);
  cpSync(join(root, "package.json"), join(compiled, "package.json"));
  return join(compiled, "dist/cli/main.js");
}
