import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { openDocker } from "../../src/testing/docker/docker-program.ts";
import { type ActionRow, type InputDefaults, rowEnvironment } from "./action-row.ts";
import { actionEvents } from "./events.ts";
import { type BuildxCall, makeRowDocker } from "./row-docker.ts";

/** Effects of a step, in one form for docker's action and ours. */
export interface ActionFacts {
  readonly calls: readonly BuildxCall[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly masked: readonly string[];
  readonly warnings: readonly string[];
  readonly error: string | null;
  readonly exitCode: number;
}

/** Files of the workspace in which the rows run. */
export const rowFiles = { "secret.txt": "from a file", "sub/Dockerfile": "FROM scratch\n" } as const;

/** Runs an action's program (`main`) for a row. */
export async function runRecorded(main: string, row: ActionRow, defaults: InputDefaults): Promise<ActionFacts> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-row-"));
  const { docker, calls } = makeRowDocker(row);
  const programs = openDocker(docker);
  try {
    const [workspace, temporary] = [join(folder, "workspace"), join(folder, "temporary")];
    for (const made of [workspace, temporary, join(workspace, "sub")]) mkdirSync(made);
    for (const [name, text] of Object.entries(rowFiles)) writeFileSync(join(workspace, name), text);
    const files = { output: join(folder, "output"), state: join(folder, "state"), summary: join(folder, "summary") };
    for (const file of Object.values(files)) writeFileSync(file, "");
    writeFileSync(join(folder, "event.json"), JSON.stringify(actionEvents[row.event ?? "push"].payload));
    const env = {
      ...rowEnvironment(row, defaults),
      PATH: [programs.folder, dirname(process.execPath)].join(delimiter),
      HOME: folder,
      RUNNER_TEMP: temporary,
      GITHUB_WORKSPACE: workspace,
      GITHUB_EVENT_PATH: join(folder, "event.json"),
      GITHUB_OUTPUT: files.output,
      GITHUB_STATE: files.state,
      GITHUB_STEP_SUMMARY: files.summary,
    };
    const { exitCode, stdout } = await run(main, workspace, env);
    return {
      calls,
      outputs: readPairs(readFileSync(files.output, "utf8")),
      masked: commandsOf(stdout, "add-mask"),
      warnings: commandsOf(stdout, "warning").filter((text) => !text.startsWith("ACTIONS_RUNTIME_TOKEN")),
      error: commandsOf(stdout, "error").join("\n") || null,
      exitCode,
    };
  } finally {
    programs.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(main: string, cwd: string, env: Record<string, string>): Promise<{ exitCode: number; stdout: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [main], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.on("error", fail);
    child.on("close", (code) => done({ exitCode: code ?? 130, stdout }));
  });
}

/** Texts of the commands of one name that a step wrote into its log. */
function commandsOf(log: string, name: string): string[] {
  const found = [...log.matchAll(new RegExp(`^::${name}[^:]*::(.*)$`, "gm"))].map(([, text = ""]) => text);
  return found.map((text) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%"));
}

/** A file of outputs or state: `NAME<<DELIMITER`, lines, `DELIMITER`. */
function readPairs(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^(\S+)<<(\S+)\n([^]*?)\n?^\2$/gm)].map(([, name = "", , value = ""]) => [
    name,
    value,
  ]);
  return Object.fromEntries(pairs);
}
