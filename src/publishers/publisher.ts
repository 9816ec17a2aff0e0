import type { PublisherKind } from "./image-command.ts";

/** A place in a file of the repository; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What led from a workflow to another file. */
export interface Link {
  readonly kind: "called-workflow" | "local-action" | "script" | "make" | "package-script";
  /** The workflow, action or script, or the target of the makefile. */
  readonly name: string;
  /** Where it is called. */
  readonly from: SourcePlace;
}

/** An image reference; `unknown` names the parts that are not known before a run, which stand in the text as they are written. */
export interface PublishedReference {
  readonly reference: string;
  readonly unknown: readonly string[];
}

/** What a publisher publishes on one event. `perhaps`: what it hangs on where it may publish nothing. */
export interface PublishedImages {
  readonly images: readonly PublishedReference[];
  readonly perhaps: readonly string[];
}

/** Where a step stands: the keys and indices from its file's root. */
export interface StepAddress {
  readonly file: string;
  readonly path: readonly (string | number)[];
}

/** One place that publishes images. */
export interface Publisher {
  /** Of the building action or command, or of what pushes where nothing is built. */
  readonly place: SourcePlace;
  /** The workflow that runs it. */
  readonly workflow: string;
  readonly job: string;
  /** The step's name, id or first line. */
  readonly step: string;
  /** The innermost step that builds; undefined: a job that calls a workflow of another repository, or no YAML. */
  readonly address: StepAddress | undefined;
  readonly how: PublisherKind;
  /** Whether it builds, or pushes and names what another place built. */
  readonly builds: boolean;
  readonly via: readonly Link[];
  readonly understanding: Understanding;
}

export type Understanding =
  | {
      readonly understood: true;
      /** By the event's title, images under one condition together; events on which nothing is published are absent. */
      readonly publishes: Readonly<Record<string, readonly PublishedImages[]>>;
    }
  | { readonly understood: false; readonly because: string };
