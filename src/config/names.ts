import { trimOf } from "../formats/trim.ts";
import type { Remote } from "../formats/address.ts";

/**
 * A service's name as it stands in image names and tags: lower case, a component of an OCI repository name
 * (distribution-spec, "Pulling manifests"). Everything else becomes `-`. Undefined when nothing is left.
 */
export function parseServiceName(text: string): string | undefined {
  const separated = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/[._-]+/g, (separators) => (/^(?:\.|_|__|-+)$/.test(separators) ? separators : "-"));
  const name = trimOf(separated, "._-");
  return name === "" ? undefined : name;
}

/**
 * Letters that a service's name may have. It stands in tags, which have 128 (`pr-7.build-<run>-<service>-<platform>`), in names of
 * folders and artifacts, and in image names.
 */
export const longestServiceName = 80;

/** `ghcr.io/owner/repo/{service}` for a repository on GitHub; undefined elsewhere. */
export function defaultImageTemplate(remote: Remote | undefined): string | undefined {
  if (remote?.host !== "github.com" || remote.owner.includes("/")) return undefined;
  return `ghcr.io/${remote.owner.toLowerCase()}/${imageComponent(remote.repository)}/{service}`;
}

/** GitHub lets a repository's name begin or end with `-`, `.` and `_`; a registry does not. */
function imageComponent(name: string): string {
  return parseServiceName(name) ?? "repository";
}
