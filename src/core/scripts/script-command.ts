import type { BuildNote } from "../../plugin/build-note.ts";
import type { DockerCommand } from "../../plugin/docker-command.ts";
import { runScriptBuild, type ScriptContext } from "./script-build.ts";

/** End of a script's Docker command. */
export interface ScriptCommandEnd {
  /** Exit code for the caller. */
  readonly exitCode: number;
  /** One note for each image that was to be built. */
  readonly notes: readonly BuildNote[];
}

/** Runs a script's build or bake. */
export async function runScriptCommand(
  context: ScriptContext,
  { kind, args, builder }: Exclude<DockerCommand, { kind: "other" }>,
): Promise<ScriptCommandEnd> {
  const argv = builder === undefined ? args : ["--builder", builder, ...args];
  if (kind === "bake") return { exitCode: await context.runReal(["bake", ...argv]), notes: [] };
  const { exitCode, note } = await runScriptBuild(context, argv);
  return { exitCode, notes: [note] };
}
