import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageShape } from "./image-shape.ts";

/** What docker's action made of a row. */
export interface RowFacts {
  readonly outcome: string;
  /** Names of the outputs that it set. */
  readonly outputs: readonly string[];
  /** By tag. */
  readonly images: Readonly<Record<string, ImageShape>>;
}

const file = join(import.meta.dirname, "build-push-rows.json");

/** The table that was recorded where docker's action was at hand, by row. */
export function readKeptFacts(): Readonly<Record<string, RowFacts>> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, RowFacts>) : {};
}

/** Writes rows into the table; those that are not among them stay. */
export function keepFacts(rows: Readonly<Record<string, RowFacts>>): void {
  writeFileSync(file, `${JSON.stringify({ ...readKeptFacts(), ...rows }, null, 2)}\n`);
}
