import type { Host } from "../host.ts";
import { removeDockerConfig } from "./docker-config.ts";
import { type Runner, stateNames } from "./runner.ts";
import { removeBuilder } from "./remove-builder.ts";

/** Removes what a step left at the end of its job, also after a cancellation: first its builder, then its logins. */
export async function cleanUp(host: Host, runner: Runner): Promise<void> {
  const folder = runner.readState(stateNames.dockerConfig);
  const builder = runner.readState(stateNames.builder);
  // The builder is removed first, because buildx finds it by this folder.
  if (builder !== "") await removeBuilder(host, builder, folder);
  if (folder !== "") await removeDockerConfig(folder);
}
