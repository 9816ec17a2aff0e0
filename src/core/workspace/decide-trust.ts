import { type CiRun, isReviewed } from "../../model/ci-run.ts";
import type { Trust } from "../../model/trust.ts";

/** What trust depends on. */
export interface TrustFacts {
  readonly ci: Pick<CiRun, "event" | "ref" | "trunk" | "commit">;
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
export function decideTrust({ ci, commit, dirty, beside, asked }: TrustFacts): Trust {
  const { event, commit: own } = ci;
  const trunk = asked?.trunk ?? ci.trunk;
  if (isReviewed(ci)) {
    const because = event === "merge_group" ? "a merge queue" : "a pull request";
    return { kind: "untrusted", because, trunk };
  }
  if (asked !== undefined) return { kind: "untrusted", because: "an untrusted run (--untrusted)", trunk: asked.trunk };
  if (event === undefined || eventsOfWriters.has(event)) return { kind: "trusted" };
  const what = differenceFrom(own, { commit, dirty, beside });
  if (what === undefined) return { kind: "trusted" };
  return { kind: "untrusted", because: `${event} ${what}`, trunk: own };
}

/** In what the run's files are others than those of its own commit; undefined: in nothing. */
function differenceFrom(
  own: string | undefined,
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
