import { join } from "node:path";
import type { Repository } from "../source/git/repository.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** Makes an empty folder inside git's own folder, on the file system of the working tree, so that hard links are possible. */
export function makeStageFolder({ gitFolder, host }: Repository): Promise<string> {
  return makeTemporaryFolder(host, "stage", join(gitFolder, "slipway", "stage"));
}
