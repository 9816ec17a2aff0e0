import { asTextMap, fieldsOf, parseJson } from "../../formats/json.ts";
import type { Runner } from "../runner.ts";

/** Data about a build that the step's end needs to export its record. */
export interface RecordState {
  readonly refs: readonly string[];
  readonly inputs: unknown;
  readonly bakeDefinition: string | undefined;
  readonly driver: string;
  readonly endpoint: string;
}

const name = "docker-build";

/** Saves the data for the step's end. */
export function saveRecordState(runner: Runner, { refs, inputs, bakeDefinition = "", ...builder }: RecordState): void {
  const saved = { refs: refs.join(","), inputs: JSON.stringify(inputs), bakeDefinition, ...builder };
  runner.saveState(name, JSON.stringify(saved));
}

/** Reads the data; undefined: there is no build to export a record of. */
export function readRecordState(runner: Runner): RecordState | undefined {
  const saved = asTextMap(fieldsOf(parseJson(runner.readState(name))));
  if (saved === undefined || saved["refs"] === undefined) return undefined;
  const { refs, inputs = "", bakeDefinition = "", driver = "", endpoint = "" } = saved;
  return {
    refs: refs.split(","),
    inputs: parseJson(inputs),
    bakeDefinition: bakeDefinition === "" ? undefined : bakeDefinition,
    driver,
    endpoint,
  };
}
