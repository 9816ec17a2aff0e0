import type { BuildNote } from "../../plugin/build-note.ts";
import type { DockerCommand } from "../../plugin/docker-command.ts";
import { runScriptBuild, type ScriptContext } from "./script-build.ts";

/** How a Docker command of a script ended. */
export interface ScriptCommandEnd {
  /** For the caller. */
  readonly exitCode: number;
  /** One of each image that it was to build. */
  readonly notes: readonly BuildNote[];
}

/** Runs a build or a bake of a script. */
export async function runScriptCommand(
  context: ScriptContext,
  { kind, args, builder }: Exclude<DockerCommand, { kind: "other" }>,
): Promise<ScriptCommandEnd> {
  const argv = builder === undefined ? args : ["--builder", builder, ...args];
  if (kind === "bake") return { exitCode: await context.runReal(["bake", ...argv]), notes: [] };
  const { exitCode, note } = await runScriptBuild(context, argv);
  return { exitCode, notes: [note] };
}
