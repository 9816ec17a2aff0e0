import type { RollbackDocument } from "../model/documents.ts";
import { rollback as rollBack } from "../release/rollback.ts";
import type { Workspace } from "./workspace.ts";

export interface RollbackOptions {
  readonly to: string;
  readonly group: string | undefined;
  readonly dryRun: boolean;
}

export async function rollback(workspace: Workspace, options: RollbackOptions): Promise<RollbackDocument> {
  const { host, registry, project, emit } = workspace;
  const { to, group, dryRun } = options;
  emit({ kind: "phase", phase: "promote" });
  const request = {
    releases: project.releases,
    services: project.services,
    to,
    dryRun,
    ...(group === undefined ? {} : { group }),
  };
  const done = await rollBack(host, registry, request, emit);
  return {
    version: 1,
    to: done.to.name.tag,
    record: done.record ?? null,
    already: done.already,
    tags: done.moves
      .filter(({ target }) => target.kind === "moving")
      .map(({ target, image, from, state }) => ({
        service: target.service,
        image,
        tag: target.tag,
        from,
        to: target.digest,
        state,
      })),
  };
}
