import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { timed } from "./program.ts";

/** An action of GitHub's runner, as its action.yml says. */
export interface BenchAction {
  readonly main: string;
  readonly post: string;
  readonly defaults: Readonly<Record<string, string>>;
}

/** State that all steps of a job share. */
export interface BenchJob {
  /** Checked out. */
  readonly workspace: string;
  /** A place for each step's own files. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** One step of a job. */
export interface BenchStep {
  readonly action: BenchAction;
  readonly with: Readonly<Record<string, string>>;
}

/** Results of a job's steps. */
export interface BenchJobEnd {
  /** Wall time of the steps and of their ends. */
  readonly seconds: number;
  /** Processor time of the steps' processes and all that they started; not of the engine. */
  readonly processorSeconds: number;
  /** Outputs by step. */
  readonly outputs: readonly Readonly<Record<string, string>>[];
}

/** Reads the action of a folder with an action.yml. */
export function readAction(folder: string): BenchAction {
  const { inputs, runs } = parse(readFileSync(join(folder, "action.yml"), "utf8")) as {
    readonly inputs: Readonly<Record<string, { readonly default?: string | boolean } | null>>;
    readonly runs: { readonly main: string; readonly post: string };
  };
  const defaults = Object.entries(inputs).map(([name, input]) => {
    const value = String(input?.default ?? "");
    return [name, value.includes("${{") ? "" : value] as const;
  });
  return { main: join(folder, runs.main), post: join(folder, runs.post), defaults: Object.fromEntries(defaults) };
}

/** Runs steps one after another, and then their ends, as GitHub's runner does. */
export async function runJob(job: BenchJob, steps: readonly BenchStep[]): Promise<BenchJobEnd> {
  const folder = mkdtempSync(join(job.folder, "job-"));
  try {
    const places = steps.map((_, index) => makePlace(join(folder, String(index))));
    const ends: ProgramEnd[] = [];
    for (const [index, step] of steps.entries())
      ends.push(await runProgram(job, step, step.action.main, places[index]));
    for (const [index, step] of [...steps.entries()].reverse())
      ends.push(await runProgram(job, step, step.action.post, places[index]));
    const sum = (of: "seconds" | "processorSeconds"): number => ends.reduce((total, end) => total + end[of], 0);
    const outputs = places.map(({ output }) => readPairs(readFileSync(output, "utf8")));
    return { seconds: sum("seconds"), processorSeconds: sum("processorSeconds"), outputs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly temporary: string;
  readonly output: string;
  readonly state: string;
  readonly summary: string;
}

function makePlace(folder: string): Place {
  const place = {
    temporary: join(folder, "temporary"),
    output: join(folder, "output"),
    state: join(folder, "state"),
    summary: join(folder, "summary"),
  };
  mkdirSync(place.temporary, { recursive: true });
  for (const file of [place.output, place.state, place.summary]) writeFileSync(file, "");
  return place;
}

type ProgramEnd = Pick<BenchJobEnd, "seconds" | "processorSeconds">;

/** Also where the program fails: its outputs tell. */
async function runProgram(
  { workspace, env, signal }: BenchJob,
  { action, with: given }: BenchStep,
  program: string,
  place: Place | undefined,
): Promise<ProgramEnd> {
  if (place === undefined) throw new RangeError("each step has a place");
  const inputs = Object.entries({ ...action.defaults, ...given }).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    value,
  ]);
  const state = Object.entries(readPairs(readFileSync(place.state, "utf8"))).map(([name, value]) => [
    `STATE_${name}`,
    value,
  ]);
  const full = {
    ...env,
    ...Object.fromEntries([...inputs, ...state]),
    RUNNER_TEMP: place.temporary,
    GITHUB_WORKSPACE: workspace,
    GITHUB_OUTPUT: place.output,
    GITHUB_STATE: place.state,
    GITHUB_STEP_SUMMARY: place.summary,
  };
  // bash tells the processor time of all that the step has waited for.
  const script = 'TIMEFORMAT="%U %S"; time "$@"; exit 0';
  const args = ["-c", script, "bash", process.execPath, program];
  const { seconds, stderr } = await timed("bash", args, { cwd: workspace, env: full, signal });
  const [user = 0, system = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { seconds, processorSeconds: user + system };
}

/** A file of outputs or state: `NAME<<DELIMITER`, lines, `DELIMITER`. */
function readPairs(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^(\S+)<<(\S+)\n([^]*?)\n?^\2$/gm)];
  return Object.fromEntries(pairs.map(([, name = "", , value = ""]) => [name, value]));
}
