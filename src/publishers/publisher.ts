import type { WrittenBuild, PublisherKind } from "./image-command.ts";

/** Place in a file of the repository; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Call that leads from a workflow to another file. */
export interface Link {
  readonly kind: "called-workflow" | "local-action" | "script" | "make" | "package-script";
  /** Name of the workflow, action, script or makefile target that is called. */
  readonly name: string;
  /** Place of the call. */
  readonly from: SourcePlace;
}

/** Image reference; `unknown` lists its parts that only a run knows, which the text contains as written. */
export interface PublishedReference {
  readonly reference: string;
  readonly unknown: readonly string[];
}

/** Images that a publisher publishes on one event. `perhaps`: conditions that decide whether it does; empty: it always does. */
export interface PublishedImages {
  readonly images: readonly PublishedReference[];
  readonly perhaps: readonly string[];
}

/** Address of a step: keys and indices from its file's root. */
export interface StepAddress {
  readonly file: string;
  readonly path: readonly (string | number)[];
}

/** Place of a repository that publishes images. */
export interface Publisher {
  /** Place of the action or command that builds, or that pushes if nothing is built. */
  readonly place: SourcePlace;
  /** File of the workflow that runs it. */
  readonly workflow: string;
  readonly job: string;
  /** Name, id or first line of the step. */
  readonly step: string;
  /** Address of the innermost step that builds; undefined: the job calls a workflow of another repository, or the place is not in YAML. */
  readonly address: StepAddress | undefined;
  readonly how: PublisherKind;
  /** Whether it builds; false: it only pushes or tags an image that another place built. */
  readonly builds: boolean;
  readonly via: readonly Link[];
  /** Settings of its build on each event; empty: they are not known. */
  readonly settings: readonly WrittenBuild[];
  /** Working folder of the build, relative to the repository's root. */
  readonly folder: string;
  readonly understanding: Understanding;
}

export type Understanding =
  | {
      readonly understood: true;
      /** Images by the event's title, grouped by condition. Events on which nothing is published are absent. */
      readonly publishes: Readonly<Record<string, readonly PublishedImages[]>>;
    }
  | { readonly understood: false; readonly because: string };
