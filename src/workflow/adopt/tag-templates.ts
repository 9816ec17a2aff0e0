import { asMap, yamlTexts, type YamlMap, inputLines } from "../../formats/yaml-data.ts";
import { maskSpans } from "../../formats/spans.ts";

/** Templates of tags for versions and branches, and the problems found. */
export interface FoundTags {
  readonly version: readonly string[];
  readonly branch: readonly string[];
  readonly problems: readonly string[];
}

/** Events on which the old workflow published, and the prefix of its git tags. */
export interface Publishing {
  readonly onTags: boolean;
  readonly onBranches: boolean;
  readonly severalBranches: boolean;
  readonly tagPrefix: string;
}

/** Reads from the triggers on which events a workflow publishes. */
export function publishingOf(on: YamlMap): Publishing {
  const push = asMap(on["push"]);
  const tags = yamlTexts(push["tags"]);
  const branches = yamlTexts(push["branches"]);
  const pushes = "push" in on;
  const unfiltered = pushes && tags.length === 0 && branches.length === 0;
  const onTags = tags.length > 0 || unfiltered || "release" in on || "create" in on;
  const prefix = /^[^*?[\]+!0-9]*/.exec(tags[0] ?? "v")?.[0] ?? "v";
  return {
    onTags,
    onBranches: branches.length > 0 || unfiltered || (!onTags && !pushes),
    severalBranches: unfiltered || branches.length > 1 || branches.some((branch) => /[*?[]/.test(branch)),
    tagPrefix: tags[0] === "*" || tags[0] === "**" ? "v" : prefix,
  };
}

/** Converts the inputs of `docker/metadata-action` to templates of tags. Source: its README, "tags input" and "flavor input". */
export function tagsOfMetadata(inputs: YamlMap, publishing: Publishing): FoundTags {
  const problems: string[] = [];
  const version: string[] = [];
  const branch: string[] = [];
  const flavor = parseFlavor(inputLines(inputs["flavor"]), problems);
  const given = inputLines(inputs["tags"]).map(parseEntry);
  const entries =
    given.length > 0
      ? given
      : ["schedule", "ref,event=branch", "ref,event=tag", "ref,event=pr"].map((each) => parseEntry(`type=${each}`));
  let makesLatest = false;
  for (const entry of entries) {
    // A type with its own prefix ignores that of the flavor.
    const affix = (template: string, prefix = flavor.prefix.text): string =>
      `${entry.get("prefix") ?? prefix}${template}${entry.get("suffix") ?? flavor.suffix.text}`;
    const type = entry.get("type") ?? "raw";
    const enable = entry.get("enable") ?? "true";
    if (enable === "false") continue;
    const isDefaultBranchOnly = enable.includes("is_default_branch") || /ref\s*==/.test(enable);
    if (enable !== "true" && !isDefaultBranchOnly && !/startsWith\(github\.ref, 'refs\/tags/.test(enable)) {
      problems.push(`the tag "${type}" depends on ${enable}`);
      continue;
    }
    if (type === "semver") {
      const pattern = entry.get("pattern") ?? "{{version}}";
      const template = semverTemplate(pattern, publishing.tagPrefix);
      if (template === undefined || entry.has("value"))
        problems.push(`the tag of semver "${entry.get("value") ?? pattern}"`);
      else version.push(affix(template));
      makesLatest = true;
    } else if (type === "ref" && entry.get("event") === "tag") {
      version.push(affix(`${publishing.tagPrefix}{version}`));
      makesLatest = true;
    } else if (type === "ref" && entry.get("event") === "branch") branch.push(affix("{branch}"));
    else if (type === "sha") {
      if (entry.get("format") === "long")
        problems.push("a tag of the commit's whole id; Slipway's {sha} has seven digits");
      else for (const list of [version, branch]) list.push(affix("{sha}", "sha-"));
    } else if (type === "edge") branch.push(affix(entry.get("value") ?? "edge"));
    else if (type === "raw") {
      const value = entry.get("value") ?? "";
      if (value.includes("{") || value === "") problems.push(`the tag "${value}" that an expression makes`);
      else if (isDefaultBranchOnly) branch.push(affix(value));
      else for (const list of [version, branch]) list.push(affix(value));
      if (isDefaultBranchOnly && publishing.severalBranches) {
        problems.push(`the tag "${value}" of the default branch alone, since other branches are published too`);
      }
    } else if (type !== "schedule" && !(type === "ref" && entry.get("event") === "pr"))
      problems.push(`the tag of type "${type}"`);
  }
  const { latest, prefix, suffix } = flavor;
  const latestTag = `${prefix.onLatest ? prefix.text : ""}latest${suffix.onLatest ? suffix.text : ""}`;
  if (latest === "true") branch.push(latestTag);
  if (latest === "true" || (latest === "auto" && makesLatest)) version.push(latestTag);
  const isTag = (template: string): boolean => /^[\w.{}-]+$/.test(template);
  for (const template of new Set([...version, ...branch])) if (!isTag(template)) problems.push(`the tag "${template}"`);
  return finish({ version: version.filter(isTag), branch: branch.filter(isTag), problems }, publishing);
}

interface Affix {
  readonly text: string;
  readonly onLatest: boolean;
}

/** Input `flavor` of `docker/metadata-action`: settings for all tags. Source: its README, "flavor input". */
interface Flavor {
  readonly latest: string;
  readonly prefix: Affix;
  readonly suffix: Affix;
}

/** Parses lines such as `prefix=pg-,onlatest=true`. `onlatest` applies to the affix before it; without it, `latest` gets no affix. */
function parseFlavor(lines: readonly string[], problems: string[]): Flavor {
  const affixes = { prefix: { text: "", onLatest: false }, suffix: { text: "", onLatest: false } };
  let latest = "auto";
  for (const line of lines) {
    let last: "prefix" | "suffix" | undefined;
    for (const field of line.split(/,(?=\s*\w+\s*=)/)) {
      const [name, value] = splitOnce(field, "=");
      const key = name.toLowerCase();
      if (key === "latest") latest = value;
      else if (key === "prefix" || key === "suffix") {
        affixes[key] = { text: value, onLatest: false };
        last = key;
      } else if (key === "onlatest" && last !== undefined) affixes[last].onLatest = value === "true";
      else if (key !== "labelprefix" || value !== "") problems.push(`the flavor "${field.trim()}"`);
    }
  }
  if (!["auto", "true", "false"].includes(latest)) problems.push(`the flavor "latest=${latest}"`);
  return { latest, ...affixes };
}

/** Converts tags that are written out, in an action's input or a shell script. */
export function tagsOfReferences(tags: readonly string[], publishing: Publishing): FoundTags {
  const version: string[] = [];
  const branch: string[] = [];
  const problems: string[] = [];
  for (const tag of tags) {
    const template = writtenTemplate(tag, publishing.tagPrefix);
    if (template === undefined) problems.push(`the tag "${tag}"`);
    else {
      if (!template.version.includes("\0")) version.push(template.version);
      if (!template.branch.includes("\0")) branch.push(template.branch);
    }
  }
  return finish({ version, branch, problems }, publishing);
}

/** Patterns for parts of a tag, with their templates for a version and for a branch; `\0`: there is none. */
const parts: readonly (readonly [pattern: RegExp, version: (prefix: string) => string, branch: string])[] = [
  [
    /\$\{\{ github\.ref_name \}\}|\$\{?GITHUB_REF_NAME\}?|\$\{GITHUB_REF##\*\/\}/g,
    (prefix) => `${prefix}{version}`,
    "{branch}",
  ],
  [/\$\{GITHUB_REF(?:_NAME)?#(?:refs\/tags\/)?v\}/g, () => "{version}", "\0"],
  [/\$\{GITHUB_REF#refs\/tags\/\}/g, (prefix) => `${prefix}{version}`, "\0"],
  [/\$\{GITHUB_REF#refs\/heads\/\}/g, () => "\0", "{branch}"],
  [/\$\{GITHUB_SHA::7\}|\$\{GITHUB_SHA:0:7\}|\$\(git rev-parse --short(?:=7)? HEAD\)/g, () => "{sha}", "{sha}"],
];

function writtenTemplate(tag: string, prefix: string): { version: string; branch: string } | undefined {
  let version = tag;
  let branch = tag;
  for (const [pattern, ofVersion, ofBranch] of parts) {
    version = version.replaceAll(pattern, () => ofVersion(prefix));
    branch = branch.replaceAll(pattern, () => ofBranch);
  }
  const isKnown = (text: string): boolean => /^[\w.\0-]+$/.test(text.replaceAll(/\{(?:version|branch|sha)\}/g, "x"));
  const isFixedVersion = version === tag && /\d\.\d+\.\d/.test(tag);
  return isKnown(version) && isKnown(branch) && !isFixedVersion ? { version, branch } : undefined;
}

function finish(found: FoundTags, { onTags, onBranches }: Publishing): FoundTags {
  return {
    version: onTags ? [...new Set(found.version)] : [],
    branch: onBranches ? [...new Set(found.branch)] : [],
    problems: found.problems,
  };
}

function semverTemplate(pattern: string, tagPrefix: string): string | undefined {
  const template = pattern
    .replaceAll(/\{\{\s*raw\s*\}\}/g, `${tagPrefix}{version}`)
    .replaceAll(/\{\{\s*(version|major|minor|patch)\s*\}\}/g, "{$1}");
  return template.includes("{{") || template.includes("$") ? undefined : template;
}

/** Parses `type=semver,pattern={{version}},prefix=v`; values may contain commas only inside of expressions. */
function parseEntry(line: string): Map<string, string> {
  const entry = new Map(fieldsOf(line).map((field) => splitOnce(field, "=")));
  return entry.has("type")
    ? entry
    : new Map([
        ["type", "raw"],
        ["value", line],
      ]);
}

function fieldsOf(line: string): string[] {
  const commas = [...maskSpans(line, [["{{", "}}"]]).matchAll(/,(?=[\w-]+=)/g)].map(({ index }) => index);
  return [...commas, line.length].map((end, index) => line.slice((commas[index - 1] ?? -1) + 1, end));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
