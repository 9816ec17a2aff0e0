// Benchmarks, side by side in one run. `npm run bench -- --help` says what there is.
import { SandboxUnavailable } from "../sandbox/index.ts";
import { shopCase, manyCase } from "./builds.ts";
import { type Case, type CaseContext, type Measurement, type OpenCase, planRounds, runRounds } from "./case.ts";
import { updateDocs } from "./docs.ts";
import { runFaults } from "./faults/main.ts";
import { floorCase } from "./floor.ts";
import { readMachine } from "./machine.ts";
import { networkCase } from "./network.ts";
import { planningCase } from "./planning.ts";
import { stepsCase } from "./steps.ts";
import { root } from "./program.ts";
import { renderResults } from "./render.ts";
import { runSoundness } from "./soundness.ts";
import { workflowCase } from "./workflow.ts";
import { readResults, type Results, writeResults } from "./results.ts";

const cases: readonly Case[] = [networkCase, planningCase, floorCase, shopCase, manyCase, workflowCase, stepsCase];

const help = `Measures Slipway beside plain buildx, the official caches and bare HTTP requests.

Usage: npm run bench -- [CASE…] [options]

${cases.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join("\n")}
  faults     faults injected into real releases, and releases at once (options of its own: faults --help)
  soundness  fingerprints and exact contexts on generated repositories, beside BuildKit (soundness --help)

  --runs N        how often each is measured, interleaved (default: 5)
  --quick         one run, unless --runs is given; marked as an approximation
  --only TEXT     only cells whose row or column contains this text; several with commas between them
  --program FILE  measure this built dist/cli/main.js, instead of building the package
  --minutes N     begin nothing that would take a case's measuring beyond this; --resume goes on later
  --resume        go on with the samples that are in bench/results, instead of beginning again
  -h, --help      show this help

Results go to bench/results/CASE.json and CASE.md, after every sample. It needs what \`npm run sandbox -- up\` needs.
`;

interface Options {
  readonly names: readonly string[];
  readonly runs: number;
  readonly quick: boolean;
  readonly resume: boolean;
  readonly minutes: number;
  readonly only: readonly string[];
  readonly program: string | undefined;
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort(new Error("interrupted")));

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const isExpected = error instanceof SandboxUnavailable || stop.signal.aborted;
  const text = error instanceof Error ? (isExpected ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`bench: ${stop.signal.aborted ? "interrupted; go on with --resume" : text}\n`);
  return stop.signal.aborted ? 130 : 1;
});

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "faults") return runFaults(argv.slice(1), stop.signal);
  if (argv[0] === "soundness") return runSoundness(argv.slice(1), stop.signal);
  const options = parse(argv);
  if (typeof options === "string") {
    const isHelp = options === help;
    (isHelp ? process.stdout : process.stderr).write(isHelp ? help : `bench: ${options}\n\n${help}`);
    return isHelp ? 0 : 2;
  }
  const chosen = cases.filter(({ name }) => options.names.length === 0 || options.names.includes(name));
  for (const each of chosen) await runCase(each, options);
  return 0;
}

/** The options; a text says what is wrong with them, or is the help. */
function parse(argv: readonly string[]): Options | string {
  const rest = [...argv];
  const names: string[] = [];
  let [quick, resume] = [false, false];
  let runs: number | undefined;
  let minutesAtMost = Infinity;
  let program: string | undefined;
  let only: string[] = [];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-h" || word === "--help") return help;
    else if (word === "--quick") quick = true;
    else if (word === "--resume") resume = true;
    else if (word === "--program") program = rest.shift();
    else if (word === "--runs") runs = Number(rest.shift());
    else if (word === "--minutes") minutesAtMost = Number(rest.shift());
    else if (word === "--only") only = (rest.shift() ?? "").split(",").map((text) => text.trim().toLowerCase());
    else if (cases.some(({ name }) => name === word)) names.push(word);
    else return `there is no case or option "${word}"`;
  }
  if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) return "--runs takes a whole number above 0";
  if (!(minutesAtMost > 0)) return "--minutes takes a number above 0";
  return { names, quick, resume, only, program, minutes: minutesAtMost, runs: runs ?? (quick ? 1 : 5) };
}

async function runCase(each: Case, options: Options): Promise<void> {
  const { runs, quick, only, minutes: atMost } = options;
  const began = performance.now();
  log(each.name, `${each.title}: making everything ready, some ${minutes(each.opening)}`);
  const context: CaseContext = {
    program: options.program,
    only: ({ row, column }) =>
      only.length === 0 || only.some((text) => row.toLowerCase().includes(text) || column.toLowerCase().includes(text)),
    signal: stop.signal,
    log: (line) => log(each.name, line),
  };
  const open: OpenCase = await each.open(context);
  try {
    const kept = options.resume ? readResults(each.name) : undefined;
    let results: Results = {
      case: each.name,
      machine: await readMachine(open.env, root),
      begun: kept?.begun ?? new Date().toISOString(),
      quick: quick && kept?.quick !== false,
      samples: kept?.samples ?? [],
    };
    const about = estimate(open.measurements, runs, results);
    log(
      each.name,
      `ready after ${minutes((performance.now() - began) / 1000)}; measuring takes some ${minutes(about)}`,
    );
    await runRounds(open, {
      runs,
      seconds: atMost * 60,
      done: results.samples,
      signal: stop.signal,
      onSample: (sample, left) => {
        results = { ...results, samples: [...results.samples, sample] };
        writeResults(results, renderResults(each, results));
        const { row, column, run, seconds } = sample;
        log(each.name, `${run}/${runs} ${row} · ${column}: ${seconds.toFixed(2)} s (left: some ${minutes(left)})`);
      },
    });
    if (results.samples.length > 0) updateDocs(each, results);
    process.stdout.write(`\n${renderResults(each, results)}\n`);
  } finally {
    await open.close();
  }
}

function estimate(measurements: readonly Measurement[], runs: number, { samples }: Results): number {
  return planRounds(measurements, runs, samples).reduce((sum, { measurement }) => sum + measurement.about, 0);
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

function log(name: string, line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${name}: ${line}\n`);
}
