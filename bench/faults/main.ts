import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "../../sandbox/index.ts";
import { readMachine, renderMachine } from "../machine.ts";
import { buildProgram, root } from "../program.ts";
import { faultClasses } from "./classes.ts";
import { type Lane, openLane } from "./lane.ts";
import { type Findings, renderFindings, writeFindings } from "./render.ts";
import { type RoundResult, roundKinds, runRound } from "./rounds.ts";
import { type Prepared, prepare, runTrial, type Trial, type TrialResult } from "./trial.ts";

const help = `Injects faults into real releases, and looks at what becomes of them.

Usage: npm run bench -- faults [options]

  --lanes N       so many trials at once, each with a registry of its own (default: 2)
  --sample N      N trials by chance instead of a fault of each class at each request
  --seed N        which ones (default: 1)
  --from N        begin at the Nth request, to go on with a run that was ended
  --class TEXT    only the classes whose name contains this text; none: only the rounds
  --rounds N      rounds of each kind of releases at once (default: 50)
  --minutes N     begin nothing after so many minutes
  --keep-docs     print the table, and leave docs/reliability.md and bench/results as they are
  -h, --help      show this help
`;

interface Options {
  readonly lanes: number;
  readonly sample: number | undefined;
  readonly seed: number;
  readonly from: number;
  readonly classes: string;
  readonly rounds: number;
  readonly minutes: number;
  readonly keepsDocs: boolean;
}

/** `npm run bench -- faults`. Returns the exit code: 1 when something did not survive. */
export async function runFaults(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parse(argv);
  if (typeof options === "string") {
    const isHelp = options === help;
    (isHelp ? process.stdout : process.stderr).write(isHelp ? help : `bench: ${options}\n\n${help}`);
    return isHelp ? 0 : 2;
  }
  const program = await buildProgram();
  const folder = mkdtempSync(join(tmpdir(), "slipway-faults-"));
  const sandbox = await startSandbox({ fresh: true, log, signal });
  const lanes: Lane[] = [];
  try {
    for (let number = 0; number < options.lanes; number += 1) {
      const own = join(folder, `lane-${number}`);
      mkdirSync(own);
      lanes.push(await openLane({ folder: own, program: program.main, env: sandbox.env, signal }));
    }
    const machine = renderMachine(await readMachine(sandbox.env, root));
    const findings = { machine, ...(await runAll(lanes, options, signal)) };
    process.stdout.write(`\n${renderFindings(findings)}\n`);
    if (!options.keepsDocs) writeFindings(findings);
    const survived = [...findings.trials, ...findings.rounds].every(({ wrong }) => wrong.length === 0);
    return survived && !findings.isBroken ? 0 : 1;
  } finally {
    for (const lane of lanes) await lane.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    program.remove();
  }
}

function parse(argv: readonly string[]): Options | string {
  const numbers = new Map<string, number>();
  let [classes, keepsDocs] = ["", false];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-h" || word === "--help") return help;
    else if (word === "--keep-docs") keepsDocs = true;
    else if (word === "--class") classes = rest.shift() ?? "";
    else if (/^--(?:lanes|sample|seed|from|rounds|minutes)$/.test(word)) {
      const value = Number(rest.shift());
      if (!Number.isInteger(value) || value < 0) return `${word} takes a whole number`;
      numbers.set(word.slice(2), value);
    } else return `there is no option "${word}"`;
  }
  return {
    lanes: Math.max(1, numbers.get("lanes") ?? 2),
    sample: numbers.get("sample"),
    seed: numbers.get("seed") ?? 1,
    from: numbers.get("from") ?? 1,
    rounds: numbers.get("rounds") ?? 50,
    minutes: numbers.get("minutes") ?? Infinity,
    classes,
    keepsDocs,
  };
}

async function runAll(
  lanes: readonly Lane[],
  options: Options,
  signal: AbortSignal,
): Promise<Pick<Findings, "trials" | "rounds" | "planned"> & { readonly isBroken: boolean }> {
  const prepared = await Promise.all(lanes.map(prepare));
  const requests = Math.max(...prepared.map((each) => each.requests));
  const trials = chooseTrials(requests, options);
  const rounds = Array.from({ length: options.rounds }, (_, number) => number).flatMap((number) =>
    roundKinds.map((kind) => ({ kind, number })),
  );
  log(`an undisturbed release makes ${requests} requests: ${trials.length} trials, ${rounds.length} rounds`);
  const done: { trials: TrialResult[]; rounds: RoundResult[] } = { trials: [], rounds: [] };
  const until = performance.now() + options.minutes * 60_000;
  const queue = [
    ...trials.map((trial) => async (each: Prepared) => {
      const result = await runTrial(each, trial);
      done.trials.push(result);
      tell(`${result.fault} at request ${result.at}, ${result.request ?? "none came"}`, result.wrong);
    }),
    ...rounds.map(({ kind, number }) => async ({ lane }: Prepared) => {
      const result = await runRound(lane, kind, number);
      done.rounds.push(result);
      tell(`${kind.name}, round ${number + 1}, exit ${result.exitCodes.join(", ")}`, result.wrong);
    }),
  ];
  const planned = { trials: trials.length, rounds: rounds.length };
  const work = async (each: Prepared): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && performance.now() < until; next = queue.shift()) {
      signal.throwIfAborted();
      await next(each);
      if (queue.length % 50 === 0) log(`${queue.length} left`);
    }
  };
  const ended = await Promise.allSettled(prepared.map(work));
  const broken = ended.find((each) => each.status === "rejected");
  if (broken !== undefined && !signal.aborted) log(`ended early, with ${queue.length} left: ${String(broken.reason)}`);
  signal.throwIfAborted();
  return { ...done, planned, isBroken: broken !== undefined };
}

/** Every class at every request, or so many of them by chance. */
function chooseTrials(requests: number, { sample, seed, classes, from }: Options): readonly Trial[] {
  const chosen = faultClasses.filter(({ name }) => name.includes(classes));
  const places = Array.from({ length: requests }, (_, index) => index + 1).filter((at) => at >= from);
  const all = places.flatMap((at) => chosen.map((fault) => ({ fault, at })));
  if (sample === undefined) return all;
  let state = seed;
  const random = (): number => {
    // A linear congruential generator (Numerical Recipes): the same seed chooses the same trials.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const keyed = all.map((trial) => ({ trial, key: random() })).sort((left, right) => left.key - right.key);
  return keyed.slice(0, sample).map(({ trial }) => trial);
}

function tell(what: string, wrong: readonly string[]): void {
  if (wrong.length > 0) log(`NOT SURVIVED: ${what}\n    ${wrong.join("\n    ")}`);
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} faults: ${line}\n`);
}
