import type { WorkflowFacts } from "./facts.ts";
import type { OwnJob } from "./model.ts";

/** Whether the workflow pushes previews; a shadow workflow does not. */
export function hasPreviews({ previews = false, shadow }: WorkflowFacts): boolean {
  return previews && !shadow;
}

/** A pull request of the repository itself: a fork's code gets no token that may push. */
const isOwn = "github.event.pull_request.head.repo.full_name == github.repository";

/** Nothing is built for a pull request that is closed. */
export const isOpen = "github.event.action != 'closed'";

/** In one job: a fork's pull request that is closed has nothing to take away. */
export const isOpenOrOwn = `(${isOpen} || ${isOwn})`;

/** When previews are put together: their builds are done; or the pull request is closed, and none was planned. */
export function previewCondition(builds: readonly string[]): string {
  const done = builds.map((id) => `contains(fromJSON('["success", "skipped"]'), needs.${id}.result)`);
  const built = ["needs.plan.result == 'success'", ...done].join(" && ");
  const when = `(github.event.action == 'closed' || (${built}))`;
  return `\${{ !cancelled() && github.event_name == 'pull_request' && ${isOwn} && ${when} }}`;
}

/** Joins two conditions without repetition, since a condition that was read back may contain the other. `also` has no braces around it. */
export function bothConditions(condition: string | undefined, also: string): string {
  const own = condition
    ?.trim()
    .replace(/^\$\{\{(.*)\}\}$/s, "$1")
    .trim();
  if (own === undefined || own === "" || own === also) return `\${{ ${also} }}`;
  return own.endsWith(`) && ${also}`) ? `\${{ ${own} }}` : `\${{ (${own}) && ${also} }}`;
}

/** The permission to comment on the pull request. */
export const mayComment: OwnJob["permissions"][number] = {
  scope: "pull-requests",
  level: "write",
  why: "to comment what the previews are",
};
