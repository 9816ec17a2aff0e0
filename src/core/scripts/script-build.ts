import { errorMessage, isInterruption } from "../../errors.ts";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import { isDockerfileOnStdin } from "../drop-in/place-stdin.ts";
import { runDropIn } from "../drop-in/run-drop-in.ts";
import { printReused, printWarnings } from "./print-to-caller.ts";
import { listenToWarnings, type ScriptCommandEnd, type ScriptContext } from "./script-context.ts";
import { noteOf, passedNote } from "./script-note.ts";

/**
 * Performs a script's `docker build`: builds with its arguments and streams, or reuses a published image. A fault before the build has
 * started leads to one plain build.
 */
export async function runScriptBuild(context: ScriptContext, argv: readonly string[]): Promise<ScriptCommandEnd> {
  const { host, run, options } = context;
  const invocation = readBuildArguments(argv, host.env);
  const { reports, tags } = invocation;
  const started = host.now();
  const warnings: string[] = [];
  const { emit, registry } = listenToWarnings(context, (message) => warnings.push(message));
  // If the caller requested no metadata file, this stops buildx from looking up provenance for ours and printing a message about it.
  const unasked = reports.metadataFile === undefined ? { BUILDX_METADATA_PROVENANCE: "disabled" } : {};
  // Docker's own buildx cannot read it any more, and gets it from here.
  const isRead = options.reuse !== "off" && isDockerfileOnStdin(invocation);
  const input = isRead ? { stdin: await host.input.readAll() } : {};
  let hasBegun = false;
  const runBuild = async (args: readonly string[], { env }: { readonly env: Readonly<Record<string, string>> }) => {
    hasBegun = true;
    return { exitCode: await context.runReal(args, { env: { ...unasked, ...env }, ...input }), stderrLines: undefined };
  };
  try {
    // The output of buildx goes directly to the script, so a missing file could not be detected.
    const dropIn = { host, emit, run, registry, runBuild, mayStage: false };
    const result = await runDropIn(dropIn, { argv, cwd: host.cwd, options, ...input });
    if (result.kind === "reused") printReused(host, reports, { result, tags, started });
    printWarnings(host, reports, warnings);
    return { exitCode: result.exitCode, notes: [noteOf({ time: started, invocation }, result)] };
  } catch (error) {
    if (hasBegun || isInterruption(error)) throw error;
    const exitCode = await context.runReal(["build", ...argv], input);
    const name = tags.join(", ") || "build";
    return {
      exitCode,
      notes: [passedNote({ name, time: started }, exitCode, `planning failed: ${errorMessage(error)}`)],
    };
  }
}
