import type { Diagnostic } from "../../errors.ts";
import { didYouMean } from "../../model/closest.ts";

/** A place in a file. Line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** A written value and its place. */
export interface PlacedValue<T> {
  readonly value: T;
  readonly at: Place;
}

/** Faults of all files, so that one error can name them all. */
export type Faults = Diagnostic[];

/** Faults and warnings of the definitions. A fault ends the command once all files are read, a warning does not. */
export interface Findings {
  readonly faults: Faults;
  readonly warnings: string[];
}

/** Number of faults that get a suggestion: each suggestion compares all names. */
const mostSuggestions = 20;

/** `, did you mean "x"?` for the next fault, or nothing: also where there are many faults. `known` is called only for a comparison. */
export function suggestion(faults: Faults, typed: string, known: () => Iterable<string>): string {
  return faults.length < mostSuggestions ? didYouMean(typed, known()) : "";
}

export function addFault(faults: Faults, at: Place, message: string): void {
  faults.push({ ...at, message });
}
