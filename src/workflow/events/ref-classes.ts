import { asMap, type YamlMap, yamlTexts } from "../../formats/yaml-data.ts";
import { exampleOfFilter } from "./filter-example.ts";
import { matchesFilter, passesFilters } from "./filter-pattern.ts";

/** Branches or tags that a workflow tells apart from others, with one example. */
export interface RefClass {
  /** Pushed branch, pushed tag, or branch that pull requests change. */
  readonly kind: "branch" | "tag" | "base";
  /** Title of its row: `push to release/**`, `tag v2.*`. */
  readonly title: string;
  /** Example: `release/1.2`. */
  readonly name: string;
}

/** Workflow whose filters and conditions tell refs apart. */
export interface FilteringWorkflow {
  /** Events of the workflow as a map. */
  readonly on: YamlMap;
  readonly text: string;
}

/** Names that stand for all refs that no workflow tells apart. */
export interface UsualRefs {
  readonly trunk: string;
  readonly branch: string;
  readonly versionTag: string;
  readonly prereleaseTag: string;
}

/** Upper limit of the classes of a repository. */
const mostClasses = 50;

/**
 * Finds the branches and tags that the workflows of a repository tell apart: by filters (`release/**`, also negative ones) and by names in conditions
 * (`github.ref == 'refs/heads/stable'`). The usual refs are chosen so that no such class takes them, except a filter that takes everything.
 */
export function findRefClasses(
  workflows: readonly FilteringWorkflow[],
  trunk: string,
): { readonly usual: UsualRefs; readonly classes: readonly RefClass[] } {
  const filters = workflows.map(filtersOf);
  const named = workflows.map(({ text }) => namesIn(text));
  const branches = unique([...filters.flatMap((each) => each.branches), ...named.flatMap((each) => each.branches)]);
  const tags = unique([...filters.flatMap((each) => each.tags), ...named.flatMap((each) => each.tags)]);
  const usual: UsualRefs = {
    trunk,
    branch: usualBranch(branches),
    versionTag: "v1.2.3",
    prereleaseTag: "v1.3.0-rc.1",
  };
  const isUsual = (pattern: string): boolean =>
    [usual.branch, usual.versionTag, usual.prereleaseTag].some((name) => matchesFilter(pattern, name) === true);
  const ofBranches = branches
    .filter((pattern) => pattern !== trunk && !isUsual(pattern))
    .flatMap((pattern) =>
      classOf("branch", `push to ${pattern}`, exampleIn(pattern, lists(filters, "branches"), "branch")),
    );
  const ofTags = tags
    .filter((pattern) => !isUsual(pattern))
    .flatMap((pattern) => [
      ...classOf("tag", `tag ${pattern}`, exampleIn(pattern, lists(filters, "tags"), "version")),
      ...classOf("tag", `pre-release tag ${pattern}`, exampleIn(pattern, lists(filters, "tags"), "prerelease")),
    ]);
  const bases = unique(workflows.flatMap((each) => basesOf(each, trunk)));
  const ofBases = bases.flatMap((pattern) =>
    classOf("base", `pull request to ${pattern}`, exampleOfFilter(pattern, "branch")[0]),
  );
  return { usual, classes: [...ofBranches, ...ofTags, ...ofBases].slice(0, mostClasses) };
}

function classOf(kind: RefClass["kind"], title: string, name: string | undefined): RefClass[] {
  return name === undefined ? [] : [{ kind, title, name }];
}

interface PushFilters {
  /** Patterns without their `!`. */
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly written: { readonly branches: readonly string[]; readonly tags: readonly string[] };
}

function filtersOf({ on }: FilteringWorkflow): PushFilters {
  const push = asMap(on["push"]);
  const written = { branches: yamlTexts(push["branches"]), tags: yamlTexts(push["tags"]) };
  const plain = (name: "branches" | "tags"): string[] =>
    [...written[name], ...yamlTexts(push[`${name}-ignore`])].map((each) => each.replace(/^!/, ""));
  return { branches: plain("branches"), tags: plain("tags"), written };
}

function lists(filters: readonly PushFilters[], name: "branches" | "tags"): readonly (readonly string[])[] {
  return filters.map(({ written }) => written[name]).filter((list) => list.length > 0);
}

/** Chooses the example of a pattern that most of the filters with this pattern accept. */
function exampleIn(
  pattern: string,
  all: readonly (readonly string[])[],
  kind: "branch" | "version" | "prerelease",
): string | undefined {
  const examples = exampleOfFilter(pattern, kind);
  const own = all.filter((list) => list.includes(pattern));
  return (
    examples.find((name) => own.every((list) => passesFilters(list, name))) ??
    (own.length === 0 ? examples[0] : undefined)
  );
}

/** Patterns of base branches of pull requests, if the filter does not accept the default branch. */
function basesOf({ on }: FilteringWorkflow, trunk: string): string[] {
  return ["pull_request", "pull_request_target"].flatMap((event) => {
    const branches = yamlTexts(asMap(on[event])["branches"]);
    return passesFilters(branches, trunk) ? [] : branches.filter((each) => !each.startsWith("!"));
  });
}

/** Chooses the name of a branch that no filter takes, except filters that take all names. */
function usualBranch(patterns: readonly string[]): string {
  const candidates = ["dev", "topic", "some-branch"];
  const takesAll = (pattern: string): boolean => candidates.every((name) => matchesFilter(pattern, name) === true);
  const narrow = patterns.filter((pattern) => !takesAll(pattern));
  const free = candidates.find((name) => !narrow.some((pattern) => matchesFilter(pattern, name) === true));
  return free ?? "some-branch";
}

/** Reads the names of branches and tags that conditions compare refs with. A name that ends with a separator is the start of others. */
function namesIn(text: string): { readonly branches: readonly string[]; readonly tags: readonly string[] } {
  const found = [...text.matchAll(/refs\/(heads|tags)\/([\w./-]{1,100})['"]/g)];
  const of = (kind: string): string[] =>
    found.flatMap(([, each, name = ""]) =>
      each === kind ? [name.endsWith("/") ? `${name}**` : /[-_.]$/.test(name) ? `${name}*` : name] : [],
    );
  // `refs/tags/v` is the start of a version's tag, not a name.
  return { branches: of("heads"), tags: of("tags").filter((name) => name !== "v") };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
