import type { ReleaseGroup } from "../model/service.ts";
import { parseVersion, type Version } from "../formats/semver.ts";

/** Makes the git tag of a version of a group: `v1.2.0`, `api-v1.2.0`. */
export function renderGroupTag({ tag, name }: Pick<ReleaseGroup, "tag" | "name">, version: Version): string {
  return tag.replaceAll("{group}", name).replace("{version}", () => version.text);
}

/** Parses the version from a git tag of a group (`v1.2.0`, `api-v1.2.0`); undefined: the tag is not the group's. */
export function parseGroupTag({ tag, name }: Pick<ReleaseGroup, "tag" | "name">, gitTag: string): Version | undefined {
  const [before = "", after = ""] = tag.replaceAll("{group}", name).split("{version}");
  if (!gitTag.startsWith(before) || !gitTag.endsWith(after)) return undefined;
  if (gitTag.length < before.length + after.length) return undefined;
  return parseVersion(gitTag.slice(before.length, gitTag.length - after.length));
}
