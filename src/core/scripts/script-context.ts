import type { Emit } from "../../event.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host, ProcessResult } from "../../host.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import { makeRegistry, type Registry } from "../../registry/registry.ts";
import type { DropInOptions } from "../drop-in/request.ts";

/** What a build of a script works with. */
export interface ScriptContext {
  readonly host: Host;
  readonly run: ReadRun;
  readonly options: DropInOptions;
  /** Runs Docker's own buildx with the caller's streams, as the caller would have, and gives its exit code. `args` begin with `build` or `bake`. */
  readonly runReal: (args: readonly string[], more?: RealOptions) => Promise<number>;
  /** The same for what it prints. */
  readonly printReal: (args: readonly string[], more?: RealOptions) => Promise<ProcessResult>;
}

/** What Docker's own buildx gets beside its arguments. */
export interface RealOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of this process's standard input. */
  readonly stdin?: Uint8Array;
}

/** How a Docker command of a script ended. */
export interface ScriptCommandEnd {
  /** For the caller. */
  readonly exitCode: number;
  /** One of each image that it was to build. */
  readonly notes: readonly BuildNote[];
}

/** A registry client whose warnings, and those of a build, go to a callback. */
export function listenToWarnings(
  { host }: Pick<ScriptContext, "host">,
  onWarning: (message: string) => void,
): { readonly emit: Emit; readonly registry: Registry } {
  const emit: Emit = (event) => {
    if (event.kind === "warning") onWarning(event.message);
  };
  return { emit, registry: makeRegistry(host, { emit }) };
}
