import type { Evaluated, Unknown } from "../../expressions/evaluated.ts";
import type { YamlMap } from "../../formats/yaml-data.ts";

/** Path of keys and indices from a file's root. */
export type EventPath = readonly (string | number)[];

/** Call that leads from a workflow to another file of the repository. */
export interface EventCall {
  readonly kind: "called-workflow" | "local-action";
  /** Path of the called file. */
  readonly file: string;
  /** Place of the call: its `uses`. */
  readonly from: { readonly file: string; readonly path: EventPath };
}

/** Step with the values that it has on one event. */
export interface EventStep {
  readonly file: string;
  readonly path: EventPath;
  readonly value: YamlMap;
  readonly via: readonly EventCall[];
  /** Whether the step runs, assuming that its job does. */
  readonly runs: boolean | Unknown;
  /** Variables of the workflow, the job, earlier steps and the step, merged. */
  readonly env: ReadonlyMap<string, Evaluated>;
  /** Values of the step's `with`, by name in lower case. */
  readonly inputs: ReadonlyMap<string, Evaluated>;
  /** Fills the expressions in a text of the step. If the text is a single expression, returns that expression's value. */
  readonly fill: (text: string) => Evaluated;
  /** Working folder of the step's script, as the step or `defaults` gives it. */
  readonly folder: Evaluated;
}

/** Job, or one job of a matrix, with its steps on one event. Steps of a local action follow the step that uses it. */
export interface EventJob {
  readonly file: string;
  readonly id: string;
  readonly path: EventPath;
  readonly value: YamlMap;
  readonly via: readonly EventCall[];
  /** Value of the `matrix` context; unknown if the workflow computes its matrix during the run. */
  readonly matrix: Evaluated;
  readonly runs: boolean | Unknown;
  readonly steps: readonly EventStep[];
}
