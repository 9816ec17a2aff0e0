import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import type { DropInResult } from "../drop-in/request.ts";

/** Build of a script, as requested. */
export interface NotedBuild {
  /** Name of a bake's target; undefined: its tags name it. */
  readonly name?: string;
  /** Time at which it began: ISO 8601, UTC. */
  readonly time: string;
  readonly invocation: Pick<BuildInvocation, "tags" | "context" | "outputs">;
}

/** Makes the note of a build for the job's journal. */
export function noteOf({ name, time, invocation }: NotedBuild, result: DropInResult): BuildNote {
  const { tags, context, outputs } = invocation;
  const { kind, because, exitCode, imageId, digest, savedSeconds, spoiledBy, pending } = result;
  const own = tags.join(", ") || name || (context.kind === "folder" ? context.path : context.kind);
  return {
    time,
    name: own,
    tags,
    outcome: exitCode === 0 ? kind : "failed",
    because,
    ids: [...new Set([imageId, digest].filter((id) => id !== undefined))],
    isPushed: outputs.some(({ type, attributes }) => type === "image" && attributes["push"] === "true"),
    savedSeconds,
    spoiledBy,
    pending: pending === null ? null : { ...pending },
  };
}

/** Makes the note of a build that Slipway passed on unchanged. */
export function passedNote(
  { name, time }: Pick<BuildNote, "name" | "time">,
  exitCode: number,
  because: string,
): BuildNote {
  const nothing = { tags: [], ids: [], isPushed: false, savedSeconds: null, spoiledBy: [], pending: null };
  return { time, name, outcome: exitCode === 0 ? "passed" : "failed", because, ...nothing };
}
