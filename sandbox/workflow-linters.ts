import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./processes.ts";
import { stateFolder, withLock } from "./state.ts";
import type { Log } from "./packages.ts";

const actionlint = { module: "github.com/rhysd/actionlint/cmd/actionlint", version: "v1.7.12" } as const;
const zizmor = { package: "zizmor", version: "1.32.0" } as const;

/** Paths of the two linters of GitHub workflows; undefined: it cannot be had here. */
export interface WorkflowLinters {
  readonly actionlint: string | undefined;
  readonly zizmor: string | undefined;
}

/** Installs both below the sandbox's folder, once: the one with Go, the other with Python. */
export async function ensureWorkflowLinters(log: Log): Promise<WorkflowLinters> {
  return {
    actionlint: await ensure(`actionlint-${actionlint.version}`, "bin/actionlint", log, (folder) =>
      runAll([["go", ["install", `${actionlint.module}@${actionlint.version}`]]], { GOBIN: join(folder, "bin") }),
    ),
    zizmor: await ensure(`zizmor-${zizmor.version}`, "bin/zizmor", log, (folder) =>
      runAll([
        ["python3", ["-m", "venv", folder]],
        [join(folder, "bin/pip"), ["install", "--quiet", `${zizmor.package}==${zizmor.version}`]],
      ]),
    ),
  };
}

async function ensure(
  name: string,
  program: string,
  log: Log,
  install: (folder: string) => Promise<boolean>,
): Promise<string | undefined> {
  const folder = join(stateFolder(), "linters", name);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return join(folder, program);
  return withLock(`linters-${name}`, async () => {
    if (existsSync(complete)) return join(folder, program);
    log(`installing ${name}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    if (!(await install(folder)) || !existsSync(join(folder, program))) return undefined;
    writeFileSync(complete, "");
    return join(folder, program);
  });
}

async function runAll(
  commands: readonly (readonly [program: string, args: readonly string[]])[],
  env: Record<string, string> = {},
): Promise<boolean> {
  for (const [program, args] of commands) {
    const done = await run(program, [...args], { env: { ...process.env, ...env } }).catch(() => undefined);
    if (done?.exitCode !== 0) return false;
  }
  return true;
}
