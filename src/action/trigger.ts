import type { Host } from "../host.ts";
import { trunkOf } from "../pipeline/decide-trust.ts";
import { mayPreview, type PreviewDecision } from "../pipeline/may-preview.ts";
import { readEvent } from "../pipeline/read-event.ts";
import { fieldsOf } from "../formats/json.ts";

/** What started the run, as the runner tells it. */
export interface Trigger {
  /** `push`, `pull_request`, `workflow_dispatch`, … Of a called workflow: what started its caller. */
  readonly event: string;
  /** Of events that have sorts: `published`, `closed`; undefined where there is none. */
  readonly action: string | undefined;
  /** `refs/heads/main`, `refs/tags/v1.2.0`, `refs/pull/5/merge`. */
  readonly ref: string;
  /** A pull request whose branch is in another repository: its token is read-only, and it has no secrets. */
  readonly isFork: boolean;
  /** The tip of the branch that a pull request or merge queue is for; undefined: it is of neither. */
  readonly trunk: string | undefined;
  /** Whether it may push previews, or takes them away. */
  readonly preview: PreviewDecision;
}

/** Reads the run's variables and the event that GitHub wrote to a file. */
export async function readTrigger(env: Host["env"]): Promise<Trigger> {
  const event = fieldsOf(await readEvent(env));
  const head = fieldsOf(fieldsOf(fieldsOf(event["pull_request"])["head"])["repo"])["full_name"];
  return {
    event: env["GITHUB_EVENT_NAME"] ?? "",
    action: typeof event["action"] === "string" ? event["action"] : undefined,
    ref: env["GITHUB_REF"] ?? "",
    isFork: typeof head === "string" && head !== env["GITHUB_REPOSITORY"],
    trunk: trunkOf(event),
    preview: mayPreview(env, event),
  };
}
