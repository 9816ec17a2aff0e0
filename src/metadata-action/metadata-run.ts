import { type Evaluated, knownText, makeValue, nothing, textPartsOf } from "../expressions/evaluated.ts";
import { memberOf } from "../expressions/evaluate.ts";
import { OpenTexts } from "./open-texts.ts";

/** Values that docker/metadata-action reads of the run; each text may have unknown parts. */
export interface MetadataRun {
  readonly texts: OpenTexts;
  readonly eventName: string;
  readonly ref: string;
  readonly sha: string;
  /** For a tag's push, the branch that GitHub reports with it; for a pull request, its base branch. */
  readonly baseRef: string;
  readonly trunk: string;
  readonly repositoryName: string;
  readonly repositoryUrl: string;
  readonly description: string;
  readonly license: string;
  /** Length of a short commit id; undefined: unknown. */
  readonly shortLength: number | undefined;
}

/** Reads these values from the `github` context and the step's environment. Source: the action's `getContext`. */
export function readMetadataRun(github: Evaluated, env: ReadonlyMap<string, Evaluated>): MetadataRun {
  const texts = new OpenTexts();
  const at = (...path: readonly string[]): Evaluated =>
    path.reduce((value, name) => memberOf(value, makeValue(name)), github);
  const textAt = (...path: readonly string[]): string => texts.close(at(...path));
  const eventName = knownText(at("event_name")) ?? "";
  const isPullRequest = eventName.includes("pull_request");
  const usesHead = isPullRequest && /true/i.test(knownText(env.get("DOCKER_METADATA_PR_HEAD_SHA") ?? nothing) ?? "");
  // For `pull_request_target` the action uses the ref of the pull request's merge, although GitHub's ref is the base branch.
  const ref = eventName.includes("pull_request_target")
    ? texts.close({ kind: "text", parts: ["refs/pull/", ...textPartsOf(at("event", "number")), "/merge"] })
    : textAt("ref");
  const length = knownText(env.get("DOCKER_METADATA_SHORT_SHA_LENGTH") ?? makeValue("7"));
  return {
    texts,
    eventName,
    ref,
    sha: usesHead ? textAt("event", "pull_request", "head", "sha") : textAt("sha"),
    baseRef: baseRefOf(ref, textAt),
    trunk: textAt("event", "repository", "default_branch"),
    repositoryName: textAt("event", "repository", "name"),
    repositoryUrl: textAt("event", "repository", "html_url"),
    description: textAt("event", "repository", "description"),
    license: textAt("event", "repository", "license", "spdx_id"),
    shortLength: length === undefined ? undefined : Number(length),
  };
}

function baseRefOf(ref: string, textAt: (...path: readonly string[]) => string): string {
  if (ref.startsWith("refs/tags/")) return textAt("event", "base_ref").replace(/^refs\/heads\//, "");
  return ref.startsWith("refs/pull/") ? textAt("event", "pull_request", "base", "ref") : "";
}
