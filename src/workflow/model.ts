import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";
import type { JobsLayout } from "./facts.ts";

/** Permission of a job's token, with the reason. */
export interface WorkflowPermission {
  readonly scope: string;
  readonly level: "read" | "write";
  readonly why: string;
}

/** Event that starts the workflow. */
export interface WorkflowTrigger {
  readonly event: string;
  /** Filters, types and inputs; a list of times for `schedule`; null: none. */
  readonly settings: YamlMap | readonly YamlValue[] | null;
  readonly why: string;
}

/** Step of a job; `text`: a step that is kept word for word. */
export type WorkflowStep =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "uses";
      readonly id: string | undefined;
      readonly name: string;
      readonly uses: string;
      /** Version of the pinned commit. */
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
  /** Whether a newer run of the group cancels this one; an expression if it depends on the run. */
  readonly cancelInProgress: boolean | string;
}

/** Job that Slipway generates. */
export interface OwnJob {
  readonly kind: "own";
  readonly id: string;
  readonly name: string;
  /** Comments that explain the job, one line each. */
  readonly comments: readonly string[];
  readonly needs: readonly string[];
  readonly condition: string | undefined;
  readonly runsOn: string | readonly string[];
  readonly timeoutMinutes: number;
  readonly environment: YamlValue | undefined;
  /** Variables and defaults of its scripts; undefined: none. */
  readonly env?: YamlMap;
  readonly defaults?: YamlMap | undefined;
  readonly permissions: readonly WorkflowPermission[];
  readonly concurrency: Concurrency | undefined;
  /** Expression of the matrix's `include`, and the limit of its jobs that run in parallel. */
  readonly matrix: { readonly include: string; readonly atOnce: number | undefined } | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly WorkflowStep[];
}

/** Job of the workflow; `text`: a job of a hand-made workflow that is kept word for word. */
export type WorkflowJob = OwnJob | { readonly kind: "text"; readonly id: string; readonly text: string };

/** Workflow before it is rendered. */
export interface WorkflowModel {
  /** Path relative to the repository's root. */
  readonly file: string;
  readonly name: string;
  readonly runName: string | undefined;
  /** Files of the workflows that it replaces. */
  readonly adoptedFrom: readonly string[];
  readonly layout: JobsLayout;
  readonly triggers: readonly WorkflowTrigger[];
  readonly env: YamlMap;
  readonly defaults: YamlMap | undefined;
  readonly jobs: readonly WorkflowJob[];
}
