import { join } from "node:path";
import type { Repository } from "../source/git/repository.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** Makes an empty folder below git's own, where hard links to the working tree can be made. */
export function makeStageFolder({ gitFolder, host }: Repository): Promise<string> {
  return makeTemporaryFolder(host, "stage", join(gitFolder, "slipway", "stage"));
}
