/** Path of a step or job in its file: `["jobs", "build", "steps", 2]`. */
export type StepPath = readonly (string | number)[];

/** Change of one step, or of a job. */
export type StepChange =
  /** Replaces the action of the step, and keeps its inputs. */
  | { readonly kind: "use"; readonly path: StepPath; readonly action: "build-push" | "bake" }
  /** Inserts a setup step before this one. */
  | { readonly kind: "set-up"; readonly path: StepPath }
  /** Adds a condition to the step, or to the job. */
  | { readonly kind: "condition"; readonly path: StepPath; readonly condition: string }
  /** Adds an output to the job, below the output `after`. */
  | {
      readonly kind: "output";
      readonly path: StepPath;
      readonly after: string;
      readonly name: string;
      readonly value: string;
    };

/** Version of the action: a tag, and a commit for files that pin commits. */
export interface ActionPin {
  /** Repository of the action: `slipway-release/slipway`. */
  readonly repository: string;
  /** Tag or commit: `v1`. */
  readonly ref: string;
  /** Full id of the commit and its version; undefined: the commit could not be looked up. */
  readonly commit: { readonly id: string; readonly called: string } | undefined;
}
