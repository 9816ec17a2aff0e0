import type { Digest } from "../model/digest.ts";
import type { TagMove } from "../release/move-tags.ts";
import { rollback as rollBack } from "../release/rollback.ts";
import type { Workspace } from "./workspace.ts";

export interface RollbackOptions {
  readonly to: string;
  readonly group: string | undefined;
  readonly dryRun: boolean;
}

/** The JSON document of `slipway rollback`; schema: `docs/reference/rollback.schema.json`. */
export interface RollbackDocument {
  readonly version: 1;
  /** The record of the release that was gone back to. */
  readonly to: string;
  /** The rollback's own record; null in a dry run. */
  readonly record: string | null;
  /** The same rollback was there already. */
  readonly already: boolean;
  readonly tags: readonly {
    readonly service: string;
    readonly image: string;
    readonly tag: string;
    readonly from: Digest | null;
    readonly to: Digest;
    readonly state: TagMove["state"];
  }[];
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
