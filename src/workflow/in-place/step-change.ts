/** Where a step stands in its file: `["jobs", "build", "steps", 2]`. */
export type StepPath = readonly (string | number)[];

/** What is to change at one step. */
export type StepChange =
  /** Another action takes the place of the step's own, with the same inputs. */
  | { readonly kind: "use"; readonly path: StepPath; readonly action: "build-push" | "bake" }
  /** A step of its own comes before this one. */
  | { readonly kind: "set-up"; readonly path: StepPath }
  /** The step runs only where this condition holds, too. */
  | { readonly kind: "condition"; readonly path: StepPath; readonly condition: string };

/** The action in its versions: by tag, and by commit where the file pins commits. */
export interface ActionPin {
  /** `slipway-release/slipway`. */
  readonly repository: string;
  /** `v1`, or a commit. */
  readonly ref: string;
  /** A commit's full id and what it is called; undefined: it could not be looked up. */
  readonly commit: { readonly id: string; readonly called: string } | undefined;
}
