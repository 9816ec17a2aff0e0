import type { Host } from "../host.ts";
import { asFields } from "../model/fields.ts";
import type { Trust } from "../model/trust.ts";
import { isReviewed } from "./run-event.ts";

/** What trust depends on. */
export interface TrustFacts {
  readonly env: Host["env"];
  /** The webhook's payload (GITHUB_EVENT_PATH). */
  readonly event: unknown;
  /** What is checked out. */
  readonly commit: string;
  /** Files differ from the commit: another run's artifact, a patch. */
  readonly dirty: boolean;
  /** `--untrusted`, with the commit of `--trunk`. */
  readonly asked: { readonly trunk: string | undefined } | undefined;
}

/**
 * Events that only those who may write to the repository cause, and that run on its own code. Of every other one, such as
 * `issue_comment` or `workflow_run`, anybody may be the cause: it has trunk's rights only as long as it works on trunk's commit.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
const eventsOfWriters: ReadonlySet<string> = new Set([
  "create",
  "delete",
  "deployment",
  "push",
  "release",
  "registry_package",
  "repository_dispatch",
  "schedule",
  "workflow_dispatch",
]);

/** Decides by the event, and by what is checked out; docs/threat-model.md has the table. */
export function decideTrust({ env, event, commit, dirty, asked }: TrustFacts): Trust {
  const name = env["GITHUB_EVENT_NAME"] ?? "";
  const trunk = asked?.trunk ?? trunkOf(event);
  if (isReviewed({ event: name, ref: env["GITHUB_REF"] ?? "" })) {
    const because = name === "merge_group" ? "a merge queue" : "a pull request";
    return { kind: "untrusted", because, trunk };
  }
  if (asked !== undefined)
    return { kind: "untrusted", because: "what is not trusted (--untrusted)", trunk: asked.trunk };
  const own = env["GITHUB_SHA"] ?? "";
  if (name === "" || eventsOfWriters.has(name) || (commit === own && !dirty)) return { kind: "trusted" };
  const what = commit === own ? "with changed files" : `on another commit than the run's (${commit.slice(0, 7)})`;
  return { kind: "untrusted", because: `${name} ${what}`, trunk: own === "" ? undefined : own };
}

/** The tip of the branch that a pull request or a merge queue is for. */
export function trunkOf(event: unknown): string | undefined {
  const { pull_request: pullRequest, merge_group: mergeGroup } = asFields(event);
  const base = asFields(asFields(pullRequest)["base"])["sha"] ?? asFields(mergeGroup)["base_sha"];
  return typeof base === "string" && /^[0-9a-f]{40}$/.test(base) ? base : undefined;
}
