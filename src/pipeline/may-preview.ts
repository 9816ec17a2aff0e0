import type { Host } from "../host.ts";
import { fieldsOf } from "../formats/json.ts";

/** Whether a run may push previews, or take them away. `because`: for a person. */
export type PreviewDecision =
  | { readonly kind: "push" | "delete"; readonly pullRequest: number }
  | { readonly kind: "no"; readonly because: string };

/**
 * Decides from what GitHub says of the run: `event` is the webhook's payload (GITHUB_EVENT_PATH). Only for pull requests from
 * the repository itself: a fork's code is nobody's who may push, and its token can only read, as Dependabot's.
 */
export function mayPreview(env: Host["env"], event: unknown): PreviewDecision {
  const name = env["GITHUB_EVENT_NAME"] ?? "";
  if (name !== "pull_request") return no(`the run is for "${name}", and previews are of pull requests`);
  const { pull_request: pullRequest, repository, action } = fieldsOf(event);
  const { number: own, head } = fieldsOf(pullRequest);
  const number = typeof own === "number" ? own : fieldsOf(event)["number"];
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1) {
    return no("the event does not say which pull request it is");
  }
  const from = fieldsOf(fieldsOf(head)["repo"])["full_name"];
  const to = fieldsOf(repository)["full_name"];
  if (typeof from !== "string" || typeof to !== "string" || from.toLowerCase() !== to.toLowerCase()) {
    return no(`it comes from ${typeof from === "string" ? `the fork ${from}` : "a repository that is gone"}`);
  }
  if (env["GITHUB_ACTOR"] === "dependabot[bot]") return no("Dependabot's token can only read");
  return { kind: action === "closed" ? "delete" : "push", pullRequest: number };
}

function no(because: string): PreviewDecision {
  return { kind: "no", because };
}
