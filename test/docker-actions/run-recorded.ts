import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { actionEvents, type ActionEventName } from "./events.ts";
import { printedBuilders, type PrintedBuilderName } from "./builders.ts";
import { type DockerCall, makeRecordingDocker } from "./recording-docker.ts";

/** One combination of inputs and surroundings of a step. */
export interface ActionRow {
  readonly name: string;
  /** As a workflow writes it under `with:`. */
  readonly with: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly event?: ActionEventName;
  /** Version of buildx; null: docker has no buildx. */
  readonly buildx?: string | null;
  /** `null`: there is no such builder. */
  readonly builder?: PrintedBuilderName | null;
  /** What `docker buildx bake --print` prints. */
  readonly definition?: object;
  /** How the build ends, where it does not end well. */
  readonly fails?: { readonly stdout?: string; readonly stderr: string };
}

/** What a step did: the same for docker's action and for ours. */
export interface ActionFacts {
  readonly calls: readonly DockerCall[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly masked: readonly string[];
  readonly warnings: readonly string[];
  readonly error: string | null;
  readonly exitCode: number;
}

/** Inputs with their defaults, as `action.yml` has them; `${{ github.token }}` among them. */
export type InputDefaults = Readonly<Record<string, string>>;

/** Newest buildx that the facts were read with. */
export const usualBuildx = "0.31.0";

/** What `github.token` is in the rows. */
const rowToken = "ghs_token";

/** The environment of a row's step, but for the paths of the machine. */
export function rowEnvironment(row: ActionRow, defaults: InputDefaults): Record<string, string> {
  const event = actionEvents[row.event ?? "push"];
  const given = Object.entries(defaults).map(([name, value]) => [
    `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
    (row.with[name] ?? value).replaceAll("${{ github.token }}", rowToken),
  ]);
  return { ...event.env, ...Object.fromEntries(given), ...row.env };
}

/** Files of the workspace in which the rows run. */
export const rowFiles = { "secret.txt": "from a file", "sub/Dockerfile": "FROM scratch\n" } as const;

/** Runs an action's program (`main`) for a row. */
export async function runRecorded(main: string, row: ActionRow, defaults: InputDefaults): Promise<ActionFacts> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-row-"));
  try {
    const [bin, workspace, temporary] = ["bin", "workspace", "temporary"].map((name) => join(folder, name));
    if (bin === undefined || workspace === undefined || temporary === undefined) throw new Error("no folders");
    for (const made of [bin, workspace, temporary, join(workspace, "sub")]) mkdirSync(made);
    for (const [name, text] of Object.entries(rowFiles)) writeFileSync(join(workspace, name), text);
    const files = { output: join(folder, "output"), state: join(folder, "state"), summary: join(folder, "summary") };
    for (const file of Object.values(files)) writeFileSync(file, "");
    writeFileSync(join(folder, "event.json"), JSON.stringify(actionEvents[row.event ?? "push"].payload));
    const calls = makeRecordingDocker(bin, {
      buildx: row.buildx === null ? undefined : (row.buildx ?? usualBuildx),
      builder: row.builder === null ? undefined : printedBuilders[row.builder ?? "docker-container"],
      definition: JSON.stringify(row.definition ?? {}),
      build: {
        exitCode: row.fails === undefined ? 0 : 1,
        stdout: row.fails?.stdout ?? "",
        stderr: row.fails?.stderr ?? "",
      },
    });
    const env = {
      ...rowEnvironment(row, defaults),
      PATH: [bin, dirname(process.execPath)].join(delimiter),
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
      calls: calls(),
      outputs: readPairs(readFileSync(files.output, "utf8")),
      masked: commandsOf(stdout, "add-mask"),
      warnings: commandsOf(stdout, "warning").filter((text) => !text.startsWith("ACTIONS_RUNTIME_TOKEN")),
      error: commandsOf(stdout, "error").join("\n") || null,
      exitCode,
    };
  } finally {
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
