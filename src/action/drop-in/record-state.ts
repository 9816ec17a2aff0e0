import { asTextMap, fieldsOf, parseJson } from "../../formats/json.ts";
import type { Runner } from "../runner.ts";

/** What a step's end needs of a build, to export its record. */
export interface RecordState {
  readonly refs: readonly string[];
  readonly inputs: unknown;
  readonly bakeDefinition: string | undefined;
  readonly driver: string;
  readonly endpoint: string;
}

const name = "docker-build";

/** Keeps it for the step's end. */
export function saveRecordState(runner: Runner, { refs, inputs, bakeDefinition = "", ...builder }: RecordState): void {
  const saved = { refs: refs.join(","), inputs: JSON.stringify(inputs), bakeDefinition, ...builder };
  runner.saveState(name, JSON.stringify(saved));
}

/** Undefined: nothing was built that a record could be of. */
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
