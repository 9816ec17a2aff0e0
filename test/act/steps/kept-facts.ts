import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ImageShape } from "./image-shape.ts";

/** What docker's action made of a row. */
export interface RowFacts {
  readonly outcome: string;
  /** Names of the outputs that it set. */
  readonly outputs: readonly string[];
  /** By tag. */
  readonly images: Readonly<Record<string, ImageShape>>;
}

/** The builder that made a row: of Docker's engine, or BuildKit in a container. */
export type FactsBuilder = "docker" | "container";

type Rows = Readonly<Record<string, RowFacts>>;
type Table = Readonly<Record<FactsBuilder, Rows>>;

const file = join(import.meta.dirname, "build-push-rows.json");

/** The table that was recorded where docker's action was at hand, by row. */
export function readKeptFacts(builder: FactsBuilder): Rows {
  const { docker, container } = readTable();
  return builder === "docker" ? docker : { ...docker, ...container };
}

/** Writes rows into the table; those that are not among them stay. A container builder's are kept where they differ from the engine's. */
export function keepFacts(builder: FactsBuilder, rows: Rows): void {
  const table = readTable();
  const kept = { ...table[builder], ...rows };
  const isOwn = ([name, facts]: [string, RowFacts]): boolean =>
    builder === "docker" || !isDeepStrictEqual(facts, table.docker[name]);
  const own = Object.fromEntries(Object.entries(kept).filter(isOwn));
  writeFileSync(file, `${JSON.stringify({ ...table, [builder]: own }, null, 2)}\n`);
}

function readTable(): Table {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Table) : { docker: {}, container: {} };
}
