import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";
import type { JobsLayout } from "./facts.ts";

/** A permission of a job's token, and what for. */
export interface WorkflowPermission {
  readonly scope: string;
  readonly level: "read" | "write";
  readonly why: string;
}

/** One event that starts the workflow. */
export interface WorkflowTrigger {
  readonly event: string;
  readonly settings: YamlMap | null;
  readonly why: string;
}

/** `text`: a step kept word for word. */
export type WorkflowStep =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "uses";
      readonly id: string | undefined;
      readonly name: string;
      readonly uses: string;
      /** What a pinned commit is called. */
      readonly called: string | undefined;
      readonly with: YamlMap;
      readonly env: YamlMap;
    }
  | {
      readonly kind: "run";
      readonly id: string | undefined;
      readonly name: string;
      readonly condition: string | undefined;
      readonly env: YamlMap;
      readonly run: string;
    };

export interface Concurrency {
  readonly group: string;
  /** Whether a newer run of the group cancels this one; an expression where it depends on the run. */
  readonly cancelInProgress: boolean | string;
}

/** A job that Slipway makes. */
export interface OwnJob {
  readonly kind: "own";
  readonly id: string;
  readonly name: string;
  /** Why it is as it is; a line each. */
  readonly comments: readonly string[];
  readonly needs: readonly string[];
  readonly condition: string | undefined;
  readonly runsOn: string | readonly string[];
  readonly timeoutMinutes: number;
  readonly environment: YamlValue | undefined;
  readonly permissions: readonly WorkflowPermission[];
  readonly concurrency: Concurrency | undefined;
  /** The expression of the matrix's `include`, and how many of its jobs may run at once. */
  readonly matrix: { readonly include: string; readonly atOnce: number | undefined } | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly WorkflowStep[];
}

/** `text`: a job of a hand-made workflow, kept word for word. */
export type WorkflowJob = OwnJob | { readonly kind: "text"; readonly id: string; readonly text: string };

/** A workflow before it is written. */
export interface WorkflowModel {
  /** Relative to the repository root. */
  readonly file: string;
  readonly name: string;
  /** Workflows that it takes the place of. */
  readonly adoptedFrom: readonly string[];
  readonly layout: JobsLayout;
  readonly triggers: readonly WorkflowTrigger[];
  readonly env: YamlMap;
  readonly defaults: YamlMap | undefined;
  readonly jobs: readonly WorkflowJob[];
}
