import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { matchDeployed } from "../../deployments/match-deployed.ts";
import { readDeployed } from "../../deployments/read-deployed.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { DeployedRelease } from "../../model/deployed.ts";
import { displayName } from "../../records/record-names.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { readNewestReleases } from "./find-release.ts";

/** Number of releases that images are compared with. */
const mostCompared = 200;

/** Decides which release the images of a text are. */
export async function findDeployed(workspace: Workspace, text: string): Promise<DeployedRelease> {
  const stored = await readNewestReleases(workspace, mostCompared);
  const releases = stored.map(({ name, manifest }) => ({ release: displayName(name), services: manifest.services }));
  return matchDeployed(readDeployed(text), releases);
}

/** Reads the text that names what is deployed. `file`: from the current folder; `-`: standard input. */
export async function readDeployedText({ host }: Workspace, file: string): Promise<string> {
  if (file === "-") return new TextDecoder().decode(await host.input.readAll());
  try {
    return await readFile(resolve(host.cwd, file), "utf8");
  } catch (error) {
    throw new SlipwayError("deployment-unusable", `reading ${file}: ${errorMessage(error)}`, {
      hint: "--deployed takes a file with digests, or - for standard input",
    });
  }
}
