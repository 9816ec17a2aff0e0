import type { Status } from "../../model/status-document.ts";
import { readStatus } from "../../records/status.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { findDeployed, readDeployedText } from "../../core/deployments/find-deployed.ts";
import { renderDeployed } from "../../report/render-deployed.ts";
import { renderStatus } from "../../report/render-status.ts";
import type { Style } from "../../report/style.ts";
import type { View } from "../spec.ts";
import type { StatusOptions } from "./spec.ts";

/** Reads releases, tags and unfinished releases from the registry, and which release the given images are. */
export async function run(workspace: Workspace, options: StatusOptions): Promise<Status> {
  const { host, registry, project } = workspace;
  const { limit, deployed } = options;
  const request = { releases: project.releases, services: project.services, limit };
  if (deployed === undefined) return readStatus(host, registry, request);
  // The file is read first: if it cannot be, no request is under way that would be waited for.
  const text = await readDeployedText(workspace, deployed);
  const [status, found] = await Promise.all([readStatus(host, registry, request), findDeployed(workspace, text)]);
  return { ...status, deployed: found };
}

/** Renders the status with the age of each release; if images were given, which release they are instead. */
export function render(status: Status, style: Style, { now }: View<StatusOptions>): string {
  return status.deployed === undefined ? renderStatus(status, style, now) : renderDeployed(status.deployed, style);
}
