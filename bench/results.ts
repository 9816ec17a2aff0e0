import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Medians } from "./case.ts";
import type { Machine } from "./machine.ts";

/** One measured run of one cell. `load`: the machine's load average over the minute before. */
export interface Sample {
  readonly row: string;
  readonly column: string;
  readonly run: number;
  readonly seconds: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly load: number;
}

/** What is kept of one case. */
export interface Results {
  readonly case: string;
  readonly machine: Machine;
  /** When the first sample was taken. */
  readonly begun: string;
  readonly quick: boolean;
  readonly samples: readonly Sample[];
}

const folder = join(dirname(fileURLToPath(import.meta.url)), "results");

/** What is there of a case; undefined when there is nothing that can be read. */
export function readResults(name: string): Results | undefined {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Results;
  } catch {
    return undefined;
  }
}

/** Keeps results and their table, whole or not at all. */
export function writeResults(results: Results, table: string): void {
  mkdirSync(folder, { recursive: true });
  const head = JSON.stringify({ ...results, samples: [] }, undefined, 2);
  const samples = results.samples.map((sample) => `    ${JSON.stringify(sample)}`).join(",\n");
  const json = samples === "" ? head : head.replace(/\[\]\n\}$/, () => `[\n${samples}\n  ]\n}`);
  put(`${results.case}.json`, `${json}\n`);
  put(`${results.case}.md`, table);
}

function put(name: string, text: string): void {
  const file = join(folder, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Middle, least and most. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Undefined for no values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (min === undefined || max === undefined || low === undefined || high === undefined) return undefined;
  return { median: (low + high) / 2, min, max };
}

export function samplesOf(samples: readonly Sample[], row: string, column: string): readonly Sample[] {
  return samples.filter((sample) => sample.row === row && sample.column === column);
}

export function mediansOf(samples: readonly Sample[]): Medians {
  return {
    seconds: (row, column) => spreadOf(samplesOf(samples, row, column).map(({ seconds }) => seconds))?.median,
    count: (row, column, name) =>
      spreadOf(samplesOf(samples, row, column).flatMap(({ counts }) => counts?.[name] ?? []))?.median,
  };
}
