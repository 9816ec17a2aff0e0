import { readFile } from "node:fs/promises";
import type { Host } from "../host.ts";
import { mayPreview, type PreviewDecision } from "../pipeline/may-preview.ts";
import { asFields } from "../model/fields.ts";

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
  /** Whether it may push previews, or takes them away. */
  readonly preview: PreviewDecision;
}

/** Reads the run's variables and the event that GitHub wrote to a file. */
export async function readTrigger(env: Host["env"]): Promise<Trigger> {
  const event = asFields(await readEvent(env["GITHUB_EVENT_PATH"]));
  const head = asFields(asFields(asFields(event["pull_request"])["head"])["repo"])["full_name"];
  return {
    event: env["GITHUB_EVENT_NAME"] ?? "",
    action: typeof event["action"] === "string" ? event["action"] : undefined,
    ref: env["GITHUB_REF"] ?? "",
    isFork: typeof head === "string" && head !== env["GITHUB_REPOSITORY"],
    preview: mayPreview(env, event),
  };
}

/** A file that is not there, or that nobody can read, tells nothing. */
async function readEvent(path: string | undefined): Promise<unknown> {
  if (path === undefined || path === "") return undefined;
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
