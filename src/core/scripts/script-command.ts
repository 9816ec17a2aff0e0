import type { DockerCommand } from "../../plugin/docker-command.ts";
import { runScriptBake } from "./script-bake.ts";
import { runScriptBuild } from "./script-build.ts";
import type { ScriptCommandEnd, ScriptContext } from "./script-context.ts";

/** Runs a build or a bake of a script. */
export function runScriptCommand(
  context: ScriptContext,
  { kind, args, builder }: Exclude<DockerCommand, { kind: "other" }>,
): Promise<ScriptCommandEnd> {
  const argv = builder === undefined ? args : ["--builder", builder, ...args];
  return kind === "bake" ? runScriptBake(context, argv) : runScriptBuild(context, argv);
}
