import type { AbandonDocument } from "../../model/documents.ts";
import { abandonRelease as putAside } from "../../records/abandon.ts";
import { displayName } from "../../records/record-names.ts";
import { describeMoves } from "../rollback/run.ts";
import { checkMayRelease } from "../../core/workspace/may-publish.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import type { AbandonOptions } from "./spec.ts";

export { renderAbandon as render } from "../../report/render-result.ts";

/** Abandons a release that cannot be finished, by writing a record. */
export async function run(workspace: Workspace, options: AbandonOptions): Promise<AbandonDocument> {
  const { host, registry, project, emit } = workspace;
  const { release, group, dryRun } = options;
  if (!dryRun) checkMayRelease(workspace.trust, "abandoning a release");
  emit({ kind: "phase", phase: "promote" });
  const request = {
    releases: project.releases,
    services: project.services,
    release,
    dryRun,
    ...(group === undefined ? {} : { group }),
  };
  const done = await putAside(host, registry, request, emit);
  return {
    version: 1,
    release: displayName(done.release.name),
    record: done.record ?? null,
    already: done.already,
    tags: describeMoves(done.moves),
    left: done.left,
  };
}
