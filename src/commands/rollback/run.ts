import type { RollbackDocument } from "../../model/documents.ts";
import type { TagMove } from "../../records/move-tags.ts";
import { displayName } from "../../records/record-names.ts";
import { rollBackTo } from "../../records/rollback.ts";
import { checkMayRelease } from "../../core/workspace/may-publish.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import type { RollbackOptions } from "./spec.ts";

export { renderRollback as render } from "../../report/render-result.ts";

/** Moves the moving tags back to a release, by writing a record, without a build. */
export async function run(workspace: Workspace, options: RollbackOptions): Promise<RollbackDocument> {
  const { host, registry, project, emit } = workspace;
  const { to, group, dryRun } = options;
  if (!dryRun) checkMayRelease(workspace.trust, "a rollback");
  emit({ kind: "phase", phase: "promote" });
  const request = {
    releases: project.releases,
    services: project.services,
    to,
    dryRun,
    ...(group === undefined ? {} : { group }),
  };
  const done = await rollBackTo(host, registry, request, emit);
  return {
    version: 1,
    to: displayName(done.to.name),
    record: done.record ?? null,
    already: done.already,
    tags: describeMoves(done.moves),
  };
}

/** Converts moves for a document; only those of moving tags are in it. */
export function describeMoves(moves: readonly TagMove[]): RollbackDocument["tags"] {
  return moves
    .filter(({ target }) => target.kind === "moving")
    .map(({ target, image, from, state }) => ({
      service: target.service,
      image,
      tag: target.tag,
      from,
      to: target.digest,
      state,
    }));
}
