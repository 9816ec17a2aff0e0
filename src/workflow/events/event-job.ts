import type { Evaluated, Unknown } from "../../expressions/evaluated.ts";
import type { YamlMap } from "../../formats/yaml-data.ts";

/** Keys and indices from a file's root. */
export type EventPath = readonly (string | number)[];

/** What led from a workflow to another file of the repository. */
export interface EventCall {
  readonly kind: "called-workflow" | "local-action";
  /** The file that is called. */
  readonly file: string;
  /** Where it is called: the `uses`. */
  readonly from: { readonly file: string; readonly path: EventPath };
}

/** A step as it runs on one event. */
export interface EventStep {
  readonly file: string;
  readonly path: EventPath;
  readonly value: YamlMap;
  readonly via: readonly EventCall[];
  /** Whether it runs in a job that runs. */
  readonly runs: boolean | Unknown;
  /** Variables of the workflow, the job, earlier steps and the step. */
  readonly env: ReadonlyMap<string, Evaluated>;
  /** The step's `with`, by name in lower case. */
  readonly inputs: ReadonlyMap<string, Evaluated>;
  /** Fills in a text of the step: an expression alone has its own value. */
  readonly fill: (text: string) => Evaluated;
  /** Where its script runs, as written by the step or by `defaults`. */
  readonly folder: Evaluated;
}

/** A job, or one of a matrix, as it runs on one event; steps of local actions follow the step that uses them. */
export interface EventJob {
  readonly file: string;
  readonly id: string;
  readonly path: EventPath;
  readonly value: YamlMap;
  readonly via: readonly EventCall[];
  /** The `matrix` context; unknown where the matrix is made while the workflow runs. */
  readonly matrix: Evaluated;
  readonly runs: boolean | Unknown;
  readonly steps: readonly EventStep[];
}
