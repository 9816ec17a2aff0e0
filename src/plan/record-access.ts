import { type RecordAccess, sharedSet } from "../model/build-record.ts";
import { type CiRun, isReviewed } from "../model/ci-run.ts";
import { parseVersion } from "../formats/semver.ts";

/** Events that only those who may write to the repository cause, and that run on its own code. */
const eventsOfWriters: ReadonlySet<string> = new Set([
  "create",
  "deployment",
  "push",
  "registry_package",
  "release",
  "repository_dispatch",
  "schedule",
  "workflow_dispatch",
]);

/**
 * Whose records a run reads and writes. What a pull request, a fork or an event that anybody may cause builds is never found by others: it
 * writes none. A ref that is not the default branch, a version or protected finds its own records beside the shared ones. `isTrunk`: what
 * somebody says of a run that GitHub says nothing of.
 */
export function recordAccess(
  ci: Pick<CiRun, "event" | "ref" | "branch" | "tag" | "defaultBranch" | "isProtected">,
  isTrunk: boolean,
): RecordAccess {
  const readOnly = (because: string): RecordAccess => ({ reads: [sharedSet], writes: null, because });
  const { event, ref, branch, tag, defaultBranch, isProtected } = ci;
  if (isReviewed(ci)) return readOnly(event === "merge_group" ? "it is a merge queue" : "it is a pull request");
  const share = (because: string): RecordAccess => ({ reads: [sharedSet], writes: sharedSet, because });
  if (event === undefined)
    return isTrunk ? share("SLIPWAY_RECORDS says so") : readOnly("it is no run of CI that is known");
  if (!eventsOfWriters.has(event)) return readOnly(`anybody may be the cause of ${event}`);
  if (branch !== undefined && branch === defaultBranch) return share("it is the default branch");
  if (tag !== undefined && isVersionTag(tag)) return share("it is a version");
  if (isProtected) return share("its ref is protected");
  if (ref === "") return readOnly("its ref is not known");
  return { reads: [sharedSet, ref], writes: ref, because: `${ref} has records of its own` };
}

/** `v1.2.0`, `1.2.0-rc.1`, `api-v1.2.0`, `api/1.2.0`, `@acme/api@1.2.0`. */
function isVersionTag(tag: string): boolean {
  return tag
    .split(/(?<=[/@_-]|^)(?=v?\d)/)
    .some((_, at, parts) => parseVersion(parts.slice(at).join("").replace(/^v/, "")) !== undefined);
}
