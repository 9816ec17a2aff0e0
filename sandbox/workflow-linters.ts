import { join } from "node:path";
import { ensureTool } from "./fetched-tool.ts";
import type { Log } from "./packages.ts";
import { run } from "./processes.ts";

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
    actionlint: await ensureTool(
      {
        group: "linters",
        name: `actionlint-${actionlint.version}`,
        file: "bin/actionlint",
        install: (folder) =>
          runAll([["go", ["install", `${actionlint.module}@${actionlint.version}`]]], { GOBIN: join(folder, "bin") }),
      },
      log,
    ),
    zizmor: await ensureTool(
      {
        group: "linters",
        name: `zizmor-${zizmor.version}`,
        file: "bin/zizmor",
        install: (folder) =>
          runAll([
            ["python3", ["-m", "venv", folder]],
            [join(folder, "bin/pip"), ["install", "--quiet", `${zizmor.package}==${zizmor.version}`]],
          ]),
      },
      log,
    ),
  };
}

async function runAll(
  commands: readonly (readonly [program: string, args: readonly string[]])[],
  env: Record<string, string> = {},
): Promise<void> {
  for (const [program, args] of commands) {
    const done = await run(program, [...args], { env: { ...process.env, ...env } });
    if (done.exitCode !== 0) return;
  }
}
