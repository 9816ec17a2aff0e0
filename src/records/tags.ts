import { SlipwayError } from "../errors.ts";
import { makeImageTags, tagsOfImage } from "../model/image-tags.ts";
import { type ImageName, isTag } from "../model/reference.ts";
import type { ReleasedService, ReleaseSubject } from "../model/release.ts";
import type { Service, TagTemplates } from "../model/service.ts";
import { branchSlug, defaultGroup, type ReleaseName } from "./record-names.ts";
import { parseVersion, type Version } from "../formats/semver.ts";

/** Tags a release gives one service: those that are created and never moved, and those that follow the newest release. */
export interface RenderedTags {
  readonly version: readonly string[];
  readonly moving: readonly string[];
}

/** Values of the placeholders in tag templates. */
export interface TagSubject {
  readonly service: string;
  readonly group: string;
  readonly subject: ReleaseSubject;
  readonly commit: string;
}

/** Templates of a service that has none of its own. */
export const defaultTagTemplates: TagTemplates = {
  version: ["{version}", "{major}.{minor}", "{major}", "latest"],
  branch: ["{branch}", "sha-{sha}"],
};

const always: readonly string[] = ["sha", "service", "group"];
const placeholders: Readonly<Record<keyof TagTemplates, readonly string[]>> = {
  version: ["version", "major", "minor", "patch", ...always],
  branch: ["branch", ...always],
};

/** Explains what is wrong with a tag template; undefined: nothing. `kind`: the releases that it makes tags for. */
export function checkTagTemplate(kind: keyof TagTemplates, template: string): string | undefined {
  for (const name of placeholdersOf(template)) {
    if (placeholders[kind].includes(name)) continue;
    const known = placeholders[kind].map((each) => `{${each}}`).join(", ");
    return `"{${name}}" has no meaning in a tag of a ${kind} release; known are ${known}`;
  }
  const example = fill(template, () => "1");
  return isTag(example) ? undefined : `"${template}" makes no valid tag (letters, digits, ".", "_", "-", at most 128)`;
}

/**
 * Makes the tags that a release gives a service. A template with `{version}`, `{sha}`, or all of `{major}`, `{minor}`, `{patch}` makes a
 * version tag, which is created and never moved; any other makes a moving tag. A pre-release gets only version tags with `{version}` or
 * `{sha}`: `1.2.0-rc.1` is neither `1.2.0` nor `1.2` nor `latest`. Version 0.x gets no tag from `{major}` alone, since semver.org promises
 * nothing across it. A later revision of a commit's release gets moving tags only. `+` becomes `_`, since tags cannot contain it.
 */
export function renderTags(templates: TagTemplates, subject: TagSubject): RenderedTags {
  if (subject.subject.kind === "branch") {
    const rendered = renderBranchTags(templates.branch, subject, subject.subject.branch);
    return subject.subject.revision === 1 ? rendered : { ...rendered, version: [] };
  }
  const { version: text } = subject.subject;
  const version = parseVersion(text);
  if (version === undefined) {
    throw new SlipwayError("version-invalid", `"${text}" is no semantic version`, {
      hint: "give it as MAJOR.MINOR.PATCH",
    });
  }
  const values = { ...versionValues(version), ...commonValues(subject) };
  const fitting = templates.version.filter((template) => fitsVersion(template, version));
  return split("version", fitting, values, subject);
}

/** Makes the tags that a release gives each image name of a service. */
export function renderImageTags(
  service: Pick<Service, "tags" | "imageTags">,
  images: ReleasedService["images"],
  subject: TagSubject,
): Pick<ReleasedService, "tags" | "imageTags"> {
  const render = (image: ImageName): RenderedTags => renderTags(tagsOfImage(service, image), subject);
  return { tags: render(images[0]), ...makeImageTags(images, render) };
}

function renderBranchTags(templates: readonly string[], subject: TagSubject, branch: string): RenderedTags {
  const rendered = split("branch", templates, { branch: branchSlug(branch), ...commonValues(subject) }, subject);
  for (const tag of rendered.moving) {
    if (parseVersion(tag.replace(/^v/, "")) === undefined) continue;
    throw new SlipwayError(
      "tag-conflict",
      `branch "${branch}" would move the tag "${tag}" of ${subject.service}, which reads as a version's`,
      {
        hint: 'give the branch\'s tags a prefix, such as "branch-{branch}" under tags.branch',
      },
    );
  }
  return rendered;
}

/** Facts that a record's name holds in short form or not at all: the service, and group and branch as written. */
export interface NameContext {
  readonly service: string;
  readonly group: string;
  readonly branch?: string;
}

/** Makes the moving tags that a release gives a service, from its record's name alone. */
export function movingTagsOf(name: ReleaseName, context: NameContext, templates: TagTemplates): readonly string[] {
  const { service, group } = context;
  if (name.kind === "branch") {
    const values = { service, group, branch: branchSlug(context.branch ?? name.branch) };
    return templates.branch.filter((template) => !isImmutable(template)).map((template) => fillFrom(template, values));
  }
  const { version } = name;
  const moving = templates.version.filter((template) => !isImmutable(template) && fitsVersion(template, version));
  return moving.map((template) => fillFrom(template, { service, group, ...versionValues(version) }));
}

function fitsVersion(template: string, version: Version): boolean {
  const has = new Set(placeholdersOf(template));
  if (version.prerelease.length > 0) return has.has("version") || has.has("sha");
  return version.major !== "0" || !has.has("major") || has.has("minor");
}

function isImmutable(template: string): boolean {
  const has = new Set(placeholdersOf(template));
  return has.has("version") || has.has("sha") || (has.has("major") && has.has("minor") && has.has("patch"));
}

function versionValues(version: Version): Readonly<Record<string, string>> {
  const { major, minor, patch, text } = version;
  return { version: text.replace("+", "_"), major, minor, patch };
}

function commonValues({ service, group, commit }: TagSubject): Readonly<Record<string, string>> {
  return { service, group: group === "" ? defaultGroup : group, sha: commit.slice(0, 7) };
}

function split(
  kind: keyof TagTemplates,
  templates: readonly string[],
  values: Readonly<Record<string, string>>,
  subject: TagSubject,
): RenderedTags {
  const version = new Set<string>();
  const moving = new Set<string>();
  for (const template of templates) {
    const fault = checkTagTemplate(kind, template);
    const tag = fillFrom(template, values);
    if (fault !== undefined || !isTag(tag)) {
      const message = fault ?? `the template "${template}" makes "${tag}", which is no valid tag`;
      throw new SlipwayError("tag-invalid", `tags of ${subject.service}: ${message}`);
    }
    (isImmutable(template) ? version : moving).add(tag);
  }
  return { version: [...version], moving: [...moving].filter((tag) => !version.has(tag)) };
}

function fillFrom(template: string, values: Readonly<Record<string, string>>): string {
  return fill(template, (name) => values[name] ?? `{${name}}`);
}

function fill(template: string, value: (name: string) => string): string {
  return template.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => value(name));
}

function placeholdersOf(template: string): string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
}
