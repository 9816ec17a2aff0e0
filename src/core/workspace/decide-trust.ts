import { type CiRun, isReviewed } from "../../model/ci-run.ts";
import type { Trust } from "../../model/trust.ts";

/** Facts that trust is decided from. */
export interface TrustFacts {
  readonly ci: Pick<CiRun, "event" | "ref" | "trunk" | "commit">;
  /** Checked-out commit. */
  readonly commit: string;
  /** Whether files differ from the commit, for example by another run's artifact or a patch. */
  readonly dirty: boolean;
  /** Files and patterns that the run reads beside the commit; their author is unknown. */
  readonly beside: readonly string[];
  /** Option `--untrusted`, with the commit of `--trunk`. */
  readonly asked: { readonly trunk: string | undefined } | undefined;
}

/**
 * Events that only users with write permission can trigger and that run the repository's own code. Anyone can trigger other events, such as
 * `issue_comment` or `workflow_run`. A run for such an event is trusted only if trunk's commit is checked out and nothing beside it is
 * read, because an earlier step may have unpacked a stranger's artifact.
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

/** Decides trust from the event and the checked-out files; docs/threat-model.md has the table. */
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

/** How the run's files differ from its own commit; undefined: they do not. */
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
