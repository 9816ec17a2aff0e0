import type { GuideFacts, GuideService } from "./facts.ts";

/** Chooses a tag for examples: `latest`, else another moving tag; undefined: the service has none. */
export function firstTag({ tags }: GuideService, { trunk, measured }: GuideFacts): string | undefined {
  const moving = tags.version.filter((tag) => !tag.includes("{"));
  const [tag] = moving;
  if (tag !== undefined) return tag;
  const branch = tags.branch.find((template) => template === "{branch}" || !template.includes("{"));
  if (branch !== undefined) return branch.replace("{branch}", trunk);
  const version = measured.kind === "releases" ? (versionsOf(measured.releases)[0] ?? "1.0.0") : "1.0.0";
  return tags.version.find((template) => template.includes("{version}"))?.replace("{version}", version);
}

/** The version to roll back to in examples: the last but one, if there is one. */
export function examplePreviousVersion({ measured }: GuideFacts): string {
  const versions = measured.kind === "releases" ? versionsOf(measured.releases) : [];
  return versions[1] ?? versions[0] ?? "1.0.0";
}

/** The next version in examples: a fix after the last. */
export function exampleNextVersion({ measured }: GuideFacts): string {
  const [last] = measured.kind === "releases" ? versionsOf(measured.releases) : [];
  const [, major = "1", minor = "0", patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(last ?? "") ?? [];
  return patch === undefined ? "1.0.0" : `${major}.${minor}.${Number(patch) + 1}`;
}

/** The command that releases a version by hand. */
export function releaseCommand({ groups }: GuideFacts, version: string): string {
  return `npx slipway release ${version}${groups.length > 1 ? ` --group ${groups[0]?.name ?? ""}` : ""}`;
}

function versionsOf(releases: readonly { readonly name: string }[]): string[] {
  return releases.map(({ name }) => name).filter((name) => /^\d+\.\d+\.\d+/.test(name));
}
