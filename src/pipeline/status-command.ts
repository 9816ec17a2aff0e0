import type { Status } from "../model/documents.ts";
import { readStatus } from "../release/status.ts";
import type { Workspace } from "./workspace.ts";

/** Releases, tags and unfinished business, as the registry has them now. */
export function status(workspace: Workspace, options: { readonly limit: number }): Promise<Status> {
  const { host, registry, project } = workspace;
  return readStatus(host, registry, { releases: project.releases, services: project.services, limit: options.limit });
}
