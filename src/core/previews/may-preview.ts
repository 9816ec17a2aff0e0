import type { CiRun } from "../../model/ci-run.ts";

/** Whether a run may push or delete previews. `because`: the reason, for the user. */
export type PreviewDecision =
  | { readonly kind: "push" | "delete"; readonly pullRequest: number }
  | { readonly kind: "no"; readonly because: string };

/**
 * Decides whether a run may push or delete previews. Only pull requests from the repository itself may: a fork's author may have no write
 * permission, and the tokens of forks and of Dependabot are read-only.
 */
export function mayPreview({
  event = "",
  pullRequest,
  actor,
}: Pick<CiRun, "event" | "pullRequest" | "actor">): PreviewDecision {
  if (event !== "pull_request") return no(`the run is for "${event}", and only pull requests have previews`);
  if (pullRequest === undefined) return no("the event does not say which pull request it is");
  const { number, from, isClosed } = pullRequest;
  if (from.kind === "fork") return no(`it comes from the fork ${from.repository}`);
  if (from.kind === "gone") return no("it comes from a repository that is gone");
  if (actor === "dependabot[bot]") return no("Dependabot's token can only read");
  return { kind: isClosed ? "delete" : "push", pullRequest: number };
}

function no(because: string): PreviewDecision {
  return { kind: "no", because };
}
