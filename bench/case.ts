import { loadavg } from "node:os";
import type { Sample } from "./results.ts";

/** One thing that is measured, again and again: a cell of the case's table. */
export interface Measurement {
  /** What changed, or what is planned. */
  readonly row: string;
  /** The way it is done. */
  readonly column: string;
  /** A guess, for the estimate: seconds with everything around what is timed. */
  readonly about: number;
  /** Whether this round measures it; default: each does. */
  readonly isInRound?: (run: number) => boolean;
  /** Brings everything into the same state as before, does it, and tells the seconds of what is compared. */
  measure(run: number): Promise<Measured>;
}

/** `seconds`: wall time of what is compared. `counts`: what else is worth knowing, such as requests. */
export interface Measured {
  readonly seconds: number;
  readonly counts?: Readonly<Record<string, number>>;
}

/** What a goal of the project says of the medians; `value` is compared with `limit`. */
export interface Goal {
  readonly text: string;
  readonly unit: "×" | "ms" | "MB";
  readonly limit: number;
  readonly atLeast?: boolean;
  /** Undefined while something it needs was not measured. */
  value(medians: Medians): number | undefined;
}

/** The median seconds of a cell, or of one of its counts. */
export interface Medians {
  seconds(row: string, column: string): number | undefined;
  count(row: string, column: string, name: string): number | undefined;
}

export interface Case {
  readonly name: string;
  readonly title: string;
  /** For the help: one line. */
  readonly about: string;
  /** How it was measured, as paragraphs of Markdown. */
  readonly method: readonly string[];
  readonly goals: readonly Goal[];
  /** Guess of the seconds that `open` takes. */
  readonly opening: number;
  open(context: CaseContext): Promise<OpenCase>;
}

export interface CaseContext {
  /** The `main.js` to measure; undefined: the package is built. */
  readonly program: string | undefined;
  /** Some columns only, where given. */
  readonly only: (this: void, measurement: Pick<Measurement, "row" | "column">) => boolean;
  readonly signal: AbortSignal;
  log: (this: void, line: string) => void;
}

export interface OpenCase {
  readonly measurements: readonly Measurement[];
  /** How the tools that were used are reached, beside the process's own environment. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Measures every cell once, then every cell again, and so on: what else happens on the machine hits all of them. The order turns
 * from round to round. Cells that `done` has are left out, so that an interrupted case goes on where it was. What would end
 * after `seconds` is not begun.
 */
export async function runRounds(
  open: OpenCase,
  options: {
    readonly runs: number;
    readonly done: readonly Sample[];
    readonly seconds: number;
    readonly signal: AbortSignal;
    readonly onSample: (sample: Sample, left: number) => void;
  },
): Promise<void> {
  const todo = planRounds(open.measurements, options.runs, options.done);
  let left = todo.reduce((sum, { measurement }) => sum + measurement.about, 0);
  const began = performance.now();
  for (const { measurement, run } of todo) {
    options.signal.throwIfAborted();
    if ((performance.now() - began) / 1000 + measurement.about > options.seconds) return;
    const { row, column } = measurement;
    const load = loadNow();
    const measured = await measurement.measure(run);
    left -= measurement.about;
    options.onSample({ row, column, run, load, ...measured }, left);
  }
}

interface Todo {
  readonly measurement: Measurement;
  readonly run: number;
}

/** The cells to measure, in order; each round begins with another one. */
export function planRounds(measurements: readonly Measurement[], runs: number, done: readonly Sample[]): Todo[] {
  const has = new Set(done.map(({ row, column, run }) => JSON.stringify([row, column, run])));
  return Array.from({ length: runs }, (_, index) => index + 1).flatMap((run) => {
    const first = measurements.length === 0 ? 0 : ((run - 1) * 3) % measurements.length;
    return [...measurements.slice(first), ...measurements.slice(0, first)]
      .filter(({ isInRound }) => isInRound?.(run) !== false)
      .filter(({ row, column }) => !has.has(JSON.stringify([row, column, run])))
      .map((measurement) => ({ measurement, run }));
  });
}

function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
