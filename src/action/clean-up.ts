import type { Host } from "../host.ts";
import { removeDockerConfig } from "./docker-config.ts";
import { type Runner, stateNames } from "./runner.ts";
import { removeBuilder } from "./remove-builder.ts";

/** What is left of a step goes at the end of its job, also of one that was cancelled: its builder, then its logins. */
export async function cleanUp(host: Host, runner: Runner): Promise<void> {
  const folder = runner.readState(stateNames.dockerConfig);
  const builder = runner.readState(stateNames.builder);
  // The folder knows the builder.
  if (builder !== "") await removeBuilder(host, builder, folder);
  if (folder !== "") await removeDockerConfig(folder);
}
