import { parseVersion } from "../formats/semver.ts";
import type { Flavor } from "./flavor.ts";
import { expand, expandDates, MetadataFault, renderWith, shortCommit } from "./global-values.ts";
import { parseTemplate } from "./handlebars.ts";
import { matchRegExp } from "../formats/match-regexp.ts";
import type { MetadataRun } from "./metadata-run.ts";
import { hasMark } from "./open-texts.ts";
import { parsePythonVersion } from "./pep440.ts";
import type { ReadTag, TagEntry } from "./tag-entries.ts";
import type { Decide } from "./worlds.ts";

/** Tags without image names, in one world. `main` is the version. */
export interface MadeTags {
  readonly main: string | undefined;
  readonly partial: readonly string[];
  readonly hasLatest: boolean;
}

/** Run of the action under one set of answers. */
export interface TagWorld {
  readonly run: MetadataRun;
  readonly flavor: Flavor;
  readonly decide: Decide;
}

/** Tag that one entry makes. */
interface MadeTag {
  readonly value: string;
  readonly makesLatest: boolean;
}

/** Makes the tags of all entries. Source: docker/metadata-action, `Meta.getVersion`. Throws a MetadataFault. */
export function makeTags(tags: readonly ReadTag[], world: TagWorld): MadeTags {
  let main: string | undefined;
  let hasLatest: boolean | undefined;
  const partial = new Set<string>();
  for (const tag of tags) {
    const made = makeTag(tag, world);
    if (made === undefined || isEmpty(made.value, world)) continue;
    const value = sanitized(made.value);
    if (main === undefined) main = value;
    else if (value !== main) partial.add(value);
    hasLatest ??= flavorLatest(made, world);
  }
  return { main, partial: [...partial], hasLatest: hasLatest ?? false };
}

/** Replaces characters that a tag cannot have by dashes; marks of unknown parts stay. */
export function sanitized(tag: string): string {
  return tag.replace(/[^a-zA-Z0-9._\-\uE000-\uF8FF]+/g, "-");
}

function isEmpty(text: string, { run, decide }: TagWorld): boolean {
  return text === "" || (run.texts.canBeEmpty(text) && !decide(`${text} is a tag`, run.texts.because(text)));
}

function flavorLatest({ makesLatest }: MadeTag, { flavor, decide, run }: TagWorld): boolean {
  const { latest } = flavor;
  if (!hasMark(latest)) return latest === "auto" ? makesLatest : latest === "true";
  return decide("latest of flavor", run.texts.because(latest));
}

function makeTag(tag: ReadTag, world: TagWorld): MadeTag | undefined {
  if (tag.kind === "fault") throw new MetadataFault(tag.message);
  if (tag.kind === "open") {
    const because = world.run.texts.because(tag.text);
    const makesLatest = world.decide(`${tag.text} makes latest`, because);
    return { value: world.run.texts.mark(tag.text, because), makesLatest };
  }
  return isEnabled(attribute(tag, "enable"), world) ? makeEntry(tag, world) : undefined;
}

function isEnabled(written: string, world: TagWorld): boolean {
  const enable = expand(written, world);
  if (hasMark(enable)) return world.decide(`enable=${enable}`, world.run.texts.because(enable));
  if (enable !== "true" && enable !== "false")
    throw new MetadataFault(`enable is "${enable}"; true and false are known`);
  return enable === "true";
}

function attribute(tag: TagEntry, name: string): string {
  return tag.attributes.get(name) ?? "";
}

function makeEntry(tag: TagEntry, world: TagWorld): MadeTag | undefined {
  const { ref, eventName, sha } = world.run;
  const branch = ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined;
  const plain = (value: string | undefined, makesLatest = false): MadeTag | undefined =>
    value === undefined ? undefined : { value: withAffixes(value, tag, world), makesLatest };
  switch (tag.type) {
    case "schedule":
      return eventName.includes("schedule") ? plain(expandDates(attribute(tag, "pattern"), world)) : undefined;
    case "semver":
    case "pep440":
      return makeVersionTag(tag, world);
    case "match":
      return makeMatchTag(tag, world);
    case "edge":
      return plain(branch !== undefined && isEdge(tag, branch, world) ? "edge" : undefined);
    case "ref":
      return makeRefTag(tag, world, plain);
    case "raw":
      return plain(expand(attribute(tag, "value"), world));
    case "sha":
      return plain(sha === "" ? undefined : attribute(tag, "format") === "short" ? shortCommit(world.run) : sha);
  }
}

function makeRefTag(
  tag: TagEntry,
  { run: { ref } }: TagWorld,
  plain: (value: string | undefined, makesLatest?: boolean) => MadeTag | undefined,
): MadeTag | undefined {
  const after = (prefix: string): string | undefined => (ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined);
  switch (attribute(tag, "event")) {
    case "branch":
      return plain(after("refs/heads/"));
    case "tag":
      return plain(after("refs/tags/"), true);
    default:
      return plain(after("refs/pull/")?.replace(/\/merge$/, ""));
  }
}

function isEdge(tag: TagEntry, branch: string, { run, decide }: TagWorld): boolean {
  const written = attribute(tag, "branch");
  const wanted = written === "" ? run.trunk : written;
  return hasMark(wanted) ? decide(`edge of ${wanted}`, run.texts.because(wanted)) : wanted === branch;
}

/** Returns the text from which a tag is made: its `value`, else the git tag; undefined: neither. */
function versionText(tag: TagEntry, world: TagWorld): string | undefined {
  const value = attribute(tag, "value");
  if (value !== "") return expand(value, world);
  const { ref } = world.run;
  return ref.startsWith("refs/tags/") ? ref.slice("refs/tags/".length) : undefined;
}

function makeVersionTag(tag: TagEntry, world: TagWorld): MadeTag | undefined {
  const text = versionText(tag, world);
  if (text === undefined) return undefined;
  const version = matched(text, attribute(tag, "match"), world).replaceAll("/", "-");
  const isPython = tag.type === "pep440";
  const fields = hasMark(version)
    ? openFields(version, tag, world)
    : isPython
      ? pythonFields(version)
      : fieldsOf(version);
  if (fields === undefined) return undefined;
  const pattern = attribute(tag, "pattern");
  // A pre-release always gets its whole version as its tag, whatever the pattern is.
  const template = !fields.isSpecial || isRawPattern(pattern) ? pattern : "{{version}}";
  // For a pre-release of Python, the action does not escape `raw`.
  const isPlain = isPython && fields.isSpecial;
  const value = isPlain
    ? (fields.values.get(isRawPattern(pattern) ? "raw" : "version") ?? "")
    : fill(template, fields, world);
  return { value: withAffixes(value, tag, world), makesLatest: !fields.isSpecial };
}

/** Values of a version that a pattern may use. */
interface VersionFields {
  readonly values: ReadonlyMap<string, string>;
  /** Whether the version is a pre-release; for Python, also a post-release or a development release. */
  readonly isSpecial: boolean;
}

function fill(pattern: string, { values }: VersionFields, world: TagWorld): string {
  return renderWith(pattern, (name) => values.get(name), world);
}

function fieldsOf(text: string): VersionFields | undefined {
  const trimmed = text.trim();
  const version = trimmed.length > 256 ? undefined : parseVersion(trimmed.replace(/^v/, ""));
  if (version === undefined) return undefined;
  const { major, minor, patch, prerelease } = version;
  if ([major, minor, patch].some((number) => !Number.isSafeInteger(Number(number)))) return undefined;
  const build = version.build === "" ? [] : version.build.split(".");
  const values = {
    raw: trimmed,
    version: `${major}.${minor}.${patch}${prerelease.length === 0 ? "" : `-${prerelease.join(".")}`}`,
    major,
    minor,
    patch,
    prerelease: prerelease.join(","),
    build: build.join(","),
    loose: "true",
  };
  return { values: new Map(Object.entries(values)), isSpecial: prerelease.length > 0 };
}

function pythonFields(text: string): VersionFields | undefined {
  const version = parsePythonVersion(text);
  if (version === undefined) return undefined;
  const number = (index: number): string => String(version.release[index] ?? "");
  const values = { raw: text, version: version.text, major: number(0), minor: number(1), patch: number(2) };
  return { values: new Map(Object.entries(values)), isSpecial: version.isSpecial };
}

/** Asks whether an unknown version is valid, and whether it is a pre-release; returns unknown values. */
function openFields(version: string, tag: TagEntry, { run, decide }: TagWorld): VersionFields | undefined {
  const because = run.texts.because(version);
  if (!decide(`${version} is ${tag.type}`, because)) return undefined;
  const isSpecial = decide(`${version} is a pre-release`, because);
  const namesOf = (name: string): string[] => because.map((each) => `${each} (${name})`);
  const values = [
    ...["version", "major"].map((name) => [name, run.texts.markFull(`${name} of ${version}`, namesOf(name))] as const),
    // A version of Python may have no minor number.
    ...["minor", "patch", "prerelease", "build"].map(
      (name) => [name, run.texts.mark(`${name} of ${version}`, namesOf(name))] as const,
    ),
  ];
  return { values: new Map([["raw", version], ...values]), isSpecial };
}

function isRawPattern(pattern: string): boolean {
  const [only, ...others] = parseTemplate(pattern) ?? [];
  return others.length === 0 && only?.kind === "value" && only.name === "raw";
}

/** Returns the first capture of `match`; if the pattern does not match, the text unchanged. */
function matched(text: string, pattern: string, { run, decide }: TagWorld): string {
  if (pattern === "") return text;
  const found = hasMark(text) || hasMark(pattern) ? ({ kind: "unknown" } as const) : matchRegExp(pattern, "", text);
  switch (found.kind) {
    case "none":
      return text;
    case "match": {
      const [, first] = found.captures;
      if (first === undefined) throw new MetadataFault(`match=${pattern} has no group, whose text it takes`);
      return first;
    }
    case "invalid":
      throw new MetadataFault(`match=${pattern} is no regular expression`);
    case "unknown": {
      const because = [...run.texts.because(text), ...run.texts.because(pattern), `match=${run.texts.plain(pattern)}`];
      return decide(`${text} matches ${pattern}`, because) ? run.texts.mark(`${pattern} of ${text}`, because) : text;
    }
  }
}

function makeMatchTag(tag: TagEntry, world: TagWorld): MadeTag | undefined {
  const text = versionText(tag, world);
  if (text === undefined) return undefined;
  const { run, decide } = world;
  const written = attribute(tag, "pattern");
  // The pattern is written as `/pattern/flags`, or alone.
  const last = written.startsWith("/") ? written.lastIndexOf("/") : 0;
  const [pattern, flags] = last > 1 ? [written.slice(1, last), written.slice(last + 1)] : [written, ""];
  const isOpen = hasMark(text) || hasMark(written);
  const found = isOpen ? ({ kind: "unknown" } as const) : matchRegExp(pattern, flags, text);
  if (found.kind === "invalid") throw new MetadataFault(`pattern=${written} is no regular expression`);
  if (found.kind === "unknown") {
    const because = [...run.texts.because(text), ...run.texts.because(written), `pattern=${run.texts.plain(written)}`];
    if (!decide(`${text} matches ${written}`, because)) return undefined;
    return { value: withAffixes(run.texts.mark(`${written} of ${text}`, because), tag, world), makesLatest: true };
  }
  const value = found.kind === "match" ? found.captures[Number(attribute(tag, "group"))] : undefined;
  return value === undefined ? undefined : { value: withAffixes(value, tag, world), makesLatest: true };
}

function withAffixes(value: string, tag: TagEntry, world: TagWorld): string {
  const { flavor } = world;
  const affix = (name: "prefix" | "suffix"): string => expand(tag.attributes.get(name) ?? flavor[name], world);
  return `${affix("prefix")}${value}${affix("suffix")}`;
}
