import type { Diagnostic } from "../errors.ts";

/** Where a person wrote something. Line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A value and where it was written. */
export interface Said<T> {
  readonly value: T;
  readonly at: Place;
}

/** Collects the faults of all files, so that they can be told at once. */
export type Faults = Diagnostic[];

/** What is wrong with the definitions. A fault ends the command once all files are read, a warning does not. */
export interface Findings {
  readonly faults: Faults;
  readonly warnings: string[];
}

export function addFault(faults: Faults, at: Place, message: string): void {
  faults.push({ ...at, message });
}
