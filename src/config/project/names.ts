import { trimOf } from "../../formats/trim.ts";
import type { Remote } from "../../formats/address.ts";

/**
 * Makes a service's name for image names and tags: lower case, a component of an OCI repository name (distribution-spec, "Pulling
 * manifests"). Other characters become `-`. Undefined when nothing is left.
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
 * The longest service name. It is part of tags, which have at most 128 characters (`pr-7.build-<run>-<service>-<platform>`), of folder and
 * artifact names, and of image names.
 */
export const longestServiceName = 80;

/** `ghcr.io/owner/repo/{service}` for a repository on GitHub; undefined elsewhere. */
export function defaultImageTemplate(remote: Remote | undefined): string | undefined {
  if (remote?.host !== "github.com" || remote.owner.includes("/")) return undefined;
  return `ghcr.io/${remote.owner.toLowerCase()}/${imageComponent(remote.repository)}/{service}`;
}

/** Trims a repository's name: on GitHub it may begin or end with `-`, `.` and `_`, in a registry it may not. */
function imageComponent(name: string): string {
  return parseServiceName(name) ?? "repository";
}
