import { SlipwayError } from "../../errors.ts";
import { type CiRun, isReviewed } from "../../model/ci-run.ts";
import type { ReleaseGroup } from "../../model/service.ts";
import type { Trust } from "../../model/trust.ts";
import type { VersionSource } from "../../model/version-source.ts";
import { parseVersion } from "../../formats/semver.ts";

/** Inputs about a release; undefined: not set. */
export interface ReleaseIntent {
  readonly release: boolean | undefined;
  readonly version: string | undefined;
  /** Source of the version, if the input `version` is not set; undefined: as configured. */
  readonly versionFrom: VersionSource | undefined;
}

/** Purpose of a run; `because` is the reason, for people. */
export type Purpose =
  | { readonly kind: "branch"; readonly branch: string; readonly because: string }
  /** Release of a version; undefined `group`: the version does not name it, and the only group or the services decide. */
  | {
      readonly kind: "version";
      readonly version: string;
      readonly group: string | undefined;
      readonly because: string;
    }
  /** Build without moving tags; `warning`: the run may not do what the person intended. */
  | { readonly kind: "build"; readonly because: string; readonly warning?: string };

/** Facts about the start of the run. */
type Cause = Pick<CiRun, "event" | "action" | "ref" | "branch" | "tag">;

/**
 * Decides whether a run is released, and as what; docs/decisions/0011-action.md has the table. Throws `usage` if the version, or that of a version
 * tag, is not a semantic version.
 */
export function decidePurpose(
  run: Cause,
  asked: ReleaseIntent & { readonly shadow: boolean },
  groups: readonly ReleaseGroup[],
): Purpose {
  const { event, tag, branch } = run;
  if (asked.shadow) return { kind: "build", because: "shadow: no tag moves" };
  if (isReviewed(run)) {
    const because = `${event === "merge_group" ? "a merge queue" : "a pull request"} is never released`;
    return asked.release === true
      ? { kind: "build", because, warning: `${because}, though the input "release" says so` }
      : { kind: "build", because };
  }
  if (asked.release === false) return { kind: "build", because: 'the input "release" is false' };
  if (asked.release === undefined && !isReleasing(run)) {
    return { kind: "build", because: `${describe(run)} is released only where the input "release" is true` };
  }
  const because = asked.release === true ? 'the input "release" is true' : describe(run);
  if (asked.version !== undefined) return { ...findVersion(asked.version, groups), because };
  if (tag !== undefined) return decideTag(tag, groups, because);
  if (branch !== undefined) return { kind: "branch", branch, because };
  return { kind: "build", because, warning: `"${run.ref}" is neither a branch nor a tag: nothing is released` };
}

/** Changes the purpose of a run that is not trusted: it is never released, whatever its inputs are. */
export function limitUntrusted(purpose: Purpose, trust: Trust): Purpose {
  if (trust.kind === "trusted" || purpose.kind === "build") return purpose;
  const because = `${trust.because} is never released`;
  return { kind: "build", because, warning: `${because}, though ${purpose.because}` };
}

function isReleasing({ event, action }: Cause): boolean {
  if (event === "release") return action === "published" || action === "released" || action === "prereleased";
  return event === "push";
}

function describe({ event = "", action, tag }: Cause): string {
  if (event === "push") return tag !== undefined ? "a tag was pushed" : "a branch was pushed";
  if (event === "workflow_dispatch") return "a run by hand";
  return action === undefined ? `a run for ${event}` : `a run for ${event} (${action})`;
}

/** Decides the purpose of a tag: `v1.2.0` is a version of the group whose tags are `v{version}`. A tag of no group is not released. */
function decideTag(tag: string, groups: readonly ReleaseGroup[], because: string): Purpose {
  const matches = matchTag(tag, groups);
  const found = matches.find(({ version }) => parseVersion(version) !== undefined);
  if (found !== undefined) return { kind: "version", ...found, because };
  const [meant] = matches.filter(({ version }) => /^\d/.test(version));
  if (meant !== undefined) throw noVersion(`the tag "${tag}" means the version "${meant.version}"`);
  const patterns = groups.map((group) => `"${group.tag}"`).join(", ");
  const warning = `the tag "${tag}" is no version of this repository (${patterns}): nothing is released`;
  return { kind: "build", because: `the tag "${tag}" is no version`, warning };
}

/** Finds the version in a text: a plain version, one with a `v`, or the tag of a group. */
function findVersion(
  text: string,
  groups: readonly ReleaseGroup[],
): { kind: "version"; version: string; group: string | undefined } {
  const plain = text.replace(/^v(?=\d)/, "");
  if (parseVersion(plain) !== undefined) return { kind: "version", version: plain, group: undefined };
  const found = matchTag(text, groups).find(({ version }) => parseVersion(version) !== undefined);
  if (found !== undefined) return { kind: "version", ...found };
  throw noVersion(`input "version": "${text}"`);
}

/** Returns the groups whose tag pattern matches, with the text in the place of the version. */
function matchTag(tag: string, groups: readonly ReleaseGroup[]): { version: string; group: string }[] {
  return groups.flatMap(({ name, tag: pattern }) => {
    const [before = "", after = ""] = pattern.split("{version}");
    const isLong = tag.length > before.length + after.length;
    if (!isLong || !tag.startsWith(before) || !tag.endsWith(after)) return [];
    return [{ version: tag.slice(before.length, tag.length - after.length), group: name }];
  });
}

function noVersion(what: string): SlipwayError {
  return new SlipwayError("version-invalid", `${what}, which is no semantic version`, {
    hint: "such as 1.2.0 or 1.3.0-rc.1 (semver.org)",
  });
}
