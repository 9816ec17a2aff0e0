import type { Emit } from "../../event.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host, ProcessResult } from "../../host.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import { makeRegistry, type Registry } from "../../registry/registry.ts";
import type { DropInOptions } from "../drop-in/request.ts";

/** Surroundings of a script's build. */
export interface ScriptContext {
  readonly host: Host;
  readonly run: ReadRun;
  readonly options: DropInOptions;
  /** Runs Docker's own buildx with the caller's streams, and returns its exit code. `args` start with `build` or `bake`. */
  readonly runReal: (args: readonly string[], more?: RealOptions) => Promise<number>;
  /** Runs Docker's own buildx, and returns its output. */
  readonly printReal: (args: readonly string[], more?: RealOptions) => Promise<ProcessResult>;
}

/** Input of Docker's own buildx in addition to its arguments. */
export interface RealOptions {
  /** Variables to add to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes that replace this process's standard input. */
  readonly stdin?: Uint8Array;
}

/** Result of a Docker command of a script. */
export interface ScriptCommandEnd {
  /** Exit code for the caller. */
  readonly exitCode: number;
  /** Notes, one for each image that the command was to build. */
  readonly notes: readonly BuildNote[];
}

/** Makes a registry client that passes its warnings to a callback, and an `emit` for a build that does the same. */
export function listenToWarnings(
  { host }: Pick<ScriptContext, "host">,
  onWarning: (message: string) => void,
): { readonly emit: Emit; readonly registry: Registry } {
  const emit: Emit = (event) => {
    if (event.kind === "warning") onWarning(event.message);
  };
  return { emit, registry: makeRegistry(host, { emit }) };
}
