import type { Status } from "../../model/documents.ts";
import { readStatus } from "../../records/status.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { renderStatus } from "../../report/render-status.ts";
import type { Style } from "../../report/style.ts";
import type { View } from "../spec.ts";
import type { StatusOptions } from "./spec.ts";

/** Reads releases, tags and unfinished releases from the registry. */
export function run(workspace: Workspace, options: StatusOptions): Promise<Status> {
  const { host, registry, project } = workspace;
  return readStatus(host, registry, { releases: project.releases, services: project.services, limit: options.limit });
}

/** Renders the status with the age of each release. */
export function render(status: Status, style: Style, { now }: View<StatusOptions>): string {
  return renderStatus(status, style, now);
}
