import type { Host } from "../host.ts";
import { fieldsOf } from "../formats/json.ts";
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
  /** Files and patterns that the run reads beside the commit's: whoever wrote them may be anybody. */
  readonly beside: readonly string[];
  /** `--untrusted`, with the commit of `--trunk`. */
  readonly asked: { readonly trunk: string | undefined } | undefined;
}

/**
 * Events that only those who may write to the repository cause, and that run on its own code. Of every other one, such as
 * `issue_comment` or `workflow_run`, anybody may be the cause: it has trunk's rights only as long as it works on trunk's commit and
 * reads nothing beside it, since an earlier step may have unpacked a stranger's artifact there.
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
export function decideTrust({ env, event, commit, dirty, beside, asked }: TrustFacts): Trust {
  const name = env["GITHUB_EVENT_NAME"] ?? "";
  const trunk = asked?.trunk ?? trunkOf(event);
  if (isReviewed({ event: name, ref: env["GITHUB_REF"] ?? "" })) {
    const because = name === "merge_group" ? "a merge queue" : "a pull request";
    return { kind: "untrusted", because, trunk };
  }
  if (asked !== undefined)
    return { kind: "untrusted", because: "what is not trusted (--untrusted)", trunk: asked.trunk };
  const own = env["GITHUB_SHA"] ?? "";
  if (name === "" || eventsOfWriters.has(name)) return { kind: "trusted" };
  const what = differenceFrom(own, { commit, dirty, beside });
  if (what === undefined) return { kind: "trusted" };
  return { kind: "untrusted", because: `${name} ${what}`, trunk: own === "" ? undefined : own };
}

/** In what the run's files are others than those of its own commit; undefined: in nothing. */
function differenceFrom(
  own: string,
  { commit, dirty, beside }: Pick<TrustFacts, "commit" | "dirty" | "beside">,
): string | undefined {
  if (commit !== own) return `on another commit than the run's (${commit.slice(0, 7)})`;
  if (dirty) return "with changed files";
  return beside.length === 0 ? undefined : `with files that are not of its commit (${listed(beside)})`;
}

function listed(paths: readonly string[]): string {
  const more = paths.length > 3 ? `, and ${paths.length - 3} more` : "";
  return `${paths.slice(0, 3).join(", ")}${more}`;
}

/** The tip of the branch that a pull request or a merge queue is for. */
export function trunkOf(event: unknown): string | undefined {
  const { pull_request: pullRequest, merge_group: mergeGroup } = fieldsOf(event);
  const base = fieldsOf(fieldsOf(pullRequest)["base"])["sha"] ?? fieldsOf(mergeGroup)["base_sha"];
  return typeof base === "string" && /^[0-9a-f]{40}$/.test(base) ? base : undefined;
}
