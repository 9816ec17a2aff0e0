import { addTo } from "../../model/lists.ts";
import { byCodeUnit } from "../../model/order.ts";
import { nameOfReference } from "../../publishers/image-names.ts";
import type { EventName } from "../events/event-titles.ts";

/** References that a build publishes, by event. Only a run knows their parts in `‹…›`. */
export type PublishedRefs = ReadonlyMap<EventName, readonly string[]>;

/** Refs of the example events. The numbers of the version and the commit appear nowhere else, so that they are found again in tags. */
export interface ExampleRefs {
  readonly trunk: string;
  /** Name of the pushed branch that is not the trunk. */
  readonly branch: string;
  /** Version, without the prefix of its git tag. */
  readonly version: string;
  /** Full id of the commit. */
  readonly commit: string;
}

/** Image names of a service, its tags as templates, and the reasons why some tags have none. */
export interface FittedTags {
  readonly images: readonly string[];
  readonly tags: { readonly version: readonly string[]; readonly branch: readonly string[] };
  readonly problems: readonly string[];
}

/**
 * Finds the templates that give a service the tags which a workflow published on example events. `byHand`: references that a run by hand on another
 * branch publishes, which show what the branch's name is.
 */
export function fitTags(published: PublishedRefs, refs: ExampleRefs, byHand: readonly string[] = []): FittedTags {
  const problems = new Set<string>();
  const byImage = new Map<string, { readonly event: EventName; readonly tag: string }[]>();
  for (const [event, references] of published) {
    for (const reference of references) {
      const name = nameOfReference(reference);
      const tag = reference.slice(name.length);
      const image = name.toLowerCase();
      if (isOpen(image)) problems.add(`the image name "${image}", which is not known before a run`);
      else if (tag.startsWith("@")) byImage.set(image, byImage.get(image) ?? []);
      else addTo(byImage, image, { event, tag: tag.slice(1) });
    }
  }
  const fitted = [...byImage].map(([image, tags]) => ({
    image,
    ...fitImage(tags, refs, {
      problems,
      byHand: byHand.filter((each) => nameOfReference(each).toLowerCase() === image),
    }),
  }));
  const [first] = fitted;
  const others = fitted.filter((each) => keyOf(each) !== (first === undefined ? "" : keyOf(first)));
  for (const { image } of others)
    problems.add(`other tags for ${image} than for ${first?.image ?? ""}: a service has one list of tags`);
  return {
    images: fitted.map(({ image }) => image),
    tags: first === undefined ? { version: [], branch: [] } : { version: first.version, branch: first.branch },
    problems: [...problems],
  };
}

function keyOf({ version, branch }: FittedTags["tags"]): string {
  return JSON.stringify([[...version].sort(byCodeUnit), [...branch].sort(byCodeUnit)]);
}

/** Events that Slipway releases as a version, and as a branch. */
const versionEvents: readonly EventName[] = ["version-tag", "release"];
const trunkEvents: readonly EventName[] = ["trunk-push", "schedule", "dispatch"];

function fitImage(
  all: readonly { readonly event: EventName; readonly tag: string }[],
  refs: ExampleRefs,
  { problems, byHand }: { readonly problems: Set<string>; readonly byHand: readonly string[] },
): FittedTags["tags"] {
  const on = (event: EventName): string[] => all.filter((each) => each.event === event).map(({ tag }) => tag);
  const usable = (tag: string): boolean => {
    const problem = problemOf(tag, refs);
    if (problem !== undefined) problems.add(problem);
    return problem === undefined;
  };
  const version = versionEvents.flatMap(on).filter(usable);
  // A trunk that no push publishes may be published by schedule or by hand.
  const trunk = trunkEvents.map(on).find((tags) => tags.length > 0) ?? [];
  const branch = on("branch-push");
  const others = [...branch, ...byHand.map((each) => each.slice(nameOfReference(each).length + 1))];
  const fit = (tag: string): string => branchTemplate(tag, others, refs);
  return {
    version: [...new Set(version.map((tag) => versionTemplate(tag, refs)))],
    branch: [
      ...new Set([...trunk.filter(usable).map(fit), ...(trunk.length > 0 ? [] : branch.filter(usable).map(fit))]),
    ],
  };
}

function problemOf(tag: string, { commit }: ExampleRefs): string | undefined {
  if (tag.includes(commit)) return "a tag of the commit's whole id; Slipway's {sha} has seven digits";
  const open = withoutSha(tag);
  if (isOpen(open)) return `the tag "${tag}", which only a run knows`;
  return /^[\w.-]+$/.test(open) ? undefined : `"${tag}", which is no valid tag`;
}

function isOpen(text: string): boolean {
  return /[‹$`]|\{\{/.test(text);
}

/** Short commit id where the commit is unknown. */
export const shortSha = "‹github.sha (short)›";

/** Replaces the ways in which a shell shortens the commit id by one name. */
export function withShortSha(text: string): string {
  return text.replaceAll(
    /‹?(?:\$\{GITHUB_SHA:(?::|0:)7\}|GITHUB_SHA:(?::|0:)7(?=›)|\$\(git rev-parse --short(?:=7)? (?:HEAD|"?\$\{?GITHUB_SHA\}?"?)\))›?/g,
    shortSha,
  );
}

function withoutSha(tag: string): string {
  return withShortSha(tag).replaceAll(shortSha, "0");
}

function withSha(tag: string, { commit }: ExampleRefs): string {
  return withShortSha(tag).replaceAll(commit.slice(0, 7), "{sha}").replaceAll(shortSha, "{sha}");
}

function versionTemplate(tag: string, refs: ExampleRefs): string {
  const [major = "", minor = "", patch = ""] = refs.version.split(".");
  const parts = [
    [refs.version, "{version}"],
    [`${major}.${minor}`, "{major}.{minor}"],
    [major, "{major}"],
    [minor, "{minor}"],
    [patch, "{patch}"],
  ] as const;
  return parts.reduce((text, [part, template]) => replaceNumber(text, part, template), withSha(tag, refs));
}

/** Replaces a number that is no part of a longer one. */
function replaceNumber(text: string, number: string, template: string): string {
  const parts = text.split(number);
  return parts.reduce((before, after) => {
    const isInside = /\d\.?$|\d$/.test(before) || /^\.?\d/.test(after);
    return before + (isInside ? number : template) + after;
  });
}

/** Takes the trunk's name in a tag for `{branch}`, unless another branch is published under the same tag. */
function branchTemplate(tag: string, others: readonly string[], refs: ExampleRefs): string {
  const written = withSha(tag, refs);
  if (others.includes(tag)) return written;
  for (const name of [refs.trunk, refs.branch]) {
    if (tag === name || (others.length > 0 && others.includes(tag.replace(name, slugOf(refs.branch)))))
      return written.replace(name, "{branch}");
  }
  return written;
}

function slugOf(branch: string): string {
  return branch.replaceAll(/[^\w.-]/g, "-");
}
