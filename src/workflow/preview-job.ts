import type { WorkflowFacts } from "./facts.ts";
import type { OwnJob } from "./model.ts";

/** Whether the workflow pushes previews; a shadow workflow does not. */
export function hasPreviews({ previews = false, shadow }: WorkflowFacts): boolean {
  return previews && !shadow;
}

/** Condition: the pull request is of the repository itself. A fork's code gets no token that can push. */
const isOwn = "github.event.pull_request.head.repo.full_name == github.repository";

/** Condition: the pull request is not closed, so that there is something to build. */
export const isOpen = "github.event.action != 'closed'";

/** Condition for the single job. A closed pull request of a fork has no previews to delete. */
export const isOpenOrOwn = `(${isOpen} || ${isOwn})`;

/** Returns the condition of the preview job: all builds are done, or the pull request is closed and has none. */
export function previewCondition(builds: readonly string[]): string {
  const done = builds.map((id) => `contains(fromJSON('["success", "skipped"]'), needs.${id}.result)`);
  const built = ["needs.plan.result == 'success'", ...done].join(" && ");
  const when = `(github.event.action == 'closed' || (${built}))`;
  return `\${{ !cancelled() && github.event_name == 'pull_request' && ${isOwn} && ${when} }}`;
}

/** Joins two conditions by `&&`, unless the first contains the other already, as one that was read back may. `also` has no braces. */
export function bothConditions(condition: string | undefined, also: string): string {
  const own = condition
    ?.trim()
    .replace(/^\$\{\{(.*)\}\}$/s, "$1")
    .trim();
  if (own === undefined || own === "" || own === also) return `\${{ ${also} }}`;
  return own.endsWith(`) && ${also}`) ? `\${{ ${own} }}` : `\${{ (${own}) && ${also} }}`;
}

/** Permission to comment on the pull request. */
export const mayComment: OwnJob["permissions"][number] = {
  scope: "pull-requests",
  level: "write",
  why: "to comment what the previews are",
};
