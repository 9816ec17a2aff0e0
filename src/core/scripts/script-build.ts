import { errorMessage, isInterruption } from "../../errors.ts";
import type { Event } from "../../event.ts";
import { terminalText } from "../../formats/terminal-text.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import type { Registry } from "../../registry/registry.ts";
import { renderReusedProgress } from "../../report/reused-progress.ts";
import type { DropInOptions, DropInResult } from "../drop-in/request.ts";
import { runDropIn } from "../drop-in/run-drop-in.ts";

/** Clients, options and environment of a script's build. */
export interface ScriptContext {
  readonly host: Host;
  readonly run: ReadRun;
  readonly makeRegistry: (emit: (event: Event) => void) => Registry;
  readonly options: DropInOptions;
  /** Runs Docker's own buildx with the caller's streams. `args` begin with `build` or `bake`. */
  readonly runReal: RunReal;
}

/** Runs Docker's own buildx as the caller would have, and returns its exit code. `env` is added to the environment. */
export type RunReal = (args: readonly string[], more?: RealOptions) => Promise<number>;

/** Options for Docker's own buildx besides its arguments. */
export interface RealOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes that replace this process's standard input. */
  readonly stdin?: Uint8Array;
}

/** End of a script's build. */
export interface ScriptBuildEnd {
  /** Exit code for the caller. */
  readonly exitCode: number;
  readonly note: BuildNote;
}

/**
 * Performs a script's `docker build`: builds with its arguments and streams, or reuses a published image. A fault before the build has
 * started leads to one plain build.
 */
export async function runScriptBuild(context: ScriptContext, argv: readonly string[]): Promise<ScriptBuildEnd> {
  const { host, run, options } = context;
  const invocation = readBuildArguments(argv, host.env);
  const started = host.now();
  let hasBegun = false;
  const warnings: string[] = [];
  const emit = (event: Event): void => {
    if (event.kind === "warning") warnings.push(event.message);
  };
  // If the caller requested no metadata file, this stops buildx from looking up provenance for ours and printing a message about it.
  const quiet = invocation.reports.metadataFile === undefined ? { BUILDX_METADATA_PROVENANCE: "disabled" } : {};
  try {
    const result = await runDropIn(
      {
        host,
        emit,
        run,
        registry: context.makeRegistry(emit),
        // The output of buildx goes directly to the script, so a missing file could not be detected.
        mayStage: false,
        runBuild: async (args, { env }) => {
          hasBegun = true;
          return { exitCode: await context.runReal(args, { env: { ...quiet, ...env } }), said: undefined };
        },
      },
      { argv, cwd: host.cwd, options },
    );
    if (result.kind === "reused") printReused(host, invocation, result, started);
    printWarnings(host, invocation, warnings);
    return { exitCode: result.exitCode, note: noteOf(invocation, result, started) };
  } catch (error) {
    if (hasBegun || isInterruption(error)) throw error;
    const exitCode = await context.runReal(["build", ...argv]);
    const because = `planning failed: ${errorMessage(error)}`;
    return {
      exitCode,
      note: { ...emptyNote(invocation, started), outcome: exitCode === 0 ? "passed" : "failed", because },
    };
  }
}

/** Prints what buildx would have printed for the image, unless the caller wants no output. */
function printReused(host: Host, { reports, tags }: BuildInvocation, result: DropInResult, started: string): void {
  const { quiet, progress } = reports;
  const { imageId, fingerprint, because, digest } = result;
  if (quiet) host.stdout.write(terminalText(`${imageId ?? ""}\n`));
  if (quiet || fingerprint === null) return;
  const image = `${tags[0] ?? ""}${digest === undefined ? "" : `@${digest}`}`;
  const said = { progress, image, because, fingerprint, started, completed: host.now() };
  host.stderr.write(terminalText(renderReusedProgress(said)));
}

/** Prints warnings, except to a caller that reads JSON or an id from the output. */
function printWarnings(host: Host, { reports }: BuildInvocation, warnings: readonly string[]): void {
  if (reports.quiet || !["auto", "plain", "tty", ""].includes(reports.progress)) return;
  for (const warning of warnings) host.stderr.write(terminalText(`slipway: warning: ${warning}\n`));
}

function noteOf(invocation: BuildInvocation, result: DropInResult, started: string): BuildNote {
  const { kind, because, exitCode, imageId, digest, savedSeconds, spoiledBy, pending } = result;
  return {
    ...emptyNote(invocation, started),
    outcome: exitCode === 0 ? kind : "failed",
    because,
    ids: [imageId, digest].filter((id) => id !== undefined),
    isPushed: invocation.outputs.some(isPushing),
    savedSeconds,
    spoiledBy,
    pending: pending === null ? null : { ...pending },
  };
}

function isPushing({ type, attributes }: BuildInvocation["outputs"][number]): boolean {
  return type === "image" && attributes["push"] === "true";
}

function emptyNote({ tags, context }: BuildInvocation, time: string): BuildNote {
  const name = tags.join(", ") || (context.kind === "folder" ? context.path : context.kind);
  return {
    time,
    name,
    tags,
    outcome: "passed",
    because: "",
    ids: [],
    isPushed: false,
    savedSeconds: null,
    spoiledBy: [],
    pending: null,
  };
}
