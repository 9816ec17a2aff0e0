import { asMap, type YamlMap, type YamlValue, yamlText, yamlTexts } from "../formats/yaml-data.ts";
import { joinReleaseRules } from "./adopt/release-rule.ts";
import type { Adopted, NotCarried } from "./adopted.ts";

/** Merges several hand-made workflows, which must have the same triggers. */
export function mergeAdopted(all: readonly Adopted[]): Adopted | undefined {
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return first;
  const differs = rest.flatMap((each) => differences(first, each));
  const ids = all.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  const sameJob: NotCarried[] = [...twice].map((id) => ({
    file: first.files[0] ?? "",
    line: 1,
    message: `job "${id}" is in two of the workflows: rename one`,
  }));
  return {
    ...first,
    files: all.flatMap(({ files }) => files),
    name: undefined,
    runName: undefined,
    on: rest.reduce<YamlMap>((on, each) => mergeTriggers(on, each.on), first.on),
    release: rest.reduce((rule, each) => joinReleaseRules(rule, each.release), first.release),
    atOnce: rest.reduce<number | undefined>((least, { atOnce }) => smaller(least, atOnce), first.atOnce),
    env: Object.assign({}, ...all.map(({ env }) => env)),
    jobs: all.flatMap(({ jobs }) => jobs),
    gates: [...new Set(all.flatMap(({ gates }) => gates))],
    environment: all.map(({ environment }) => environment).find((each) => each !== undefined),
    timeoutMinutes: all.reduce<number | undefined>(
      (most, { timeoutMinutes: own }) => (own === undefined ? most : Math.max(most ?? 0, own)),
      undefined,
    ),
    labels: Object.assign({}, ...all.map(({ labels }) => labels)),
    permissions: Object.assign({}, ...all.map(({ permissions }) => permissions)),
    logins: unique(all.flatMap(({ logins }) => logins)),
    before: unique(all.flatMap(({ before }) => before)),
    registries: [
      ...new Map(all.flatMap(({ registries }) => registries.map((each) => [each.host, each] as const))).values(),
    ],
    variables: Object.assign({}, ...all.map(({ variables }) => variables)),
    services: all.flatMap(({ services }) => services),
    notCarried: [...all.flatMap(({ notCarried }) => notCarried), ...differs, ...sameJob],
    replaced: [...new Set(all.flatMap(({ replaced }) => replaced))],
  };
}

/** Parts of two workflows that one workflow cannot have both. */
function differences(first: Adopted, other: Adopted): NotCarried[] {
  const one = first.files.join(", ");
  const differs = (what: string, left: YamlValue | undefined, right: YamlValue | undefined): NotCarried[] =>
    JSON.stringify(left) === JSON.stringify(right)
      ? []
      : [
          {
            file: other.files[0] ?? "",
            line: 1,
            message: `${what} that ${one} has otherwise (${shown(left)}; ${shown(right)}): give both the same`,
          },
        ];
  const clashes = (what: string, left: YamlMap, right: YamlMap): NotCarried[] =>
    Object.keys(right).flatMap((key) => (key in left ? differs(`${what} ${key}`, left[key], right[key]) : []));
  const isText = (each: Adopted): boolean => each.before.length + each.logins.length + each.jobs.length > 0;
  return [
    ...differs("a condition (if)", first.condition, other.condition),
    ...differs("an environment", first.environment, other.environment),
    ...(first.gitTag === other.gitTag || isVersionless(first) || isVersionless(other)
      ? []
      : differs("a git tag", first.gitTag, other.gitTag)),
    ...clashes("the variable", first.env, other.env),
    ...clashes("the variable", first.variables, other.variables),
    ...clashes("the runner of", first.labels, other.labels),
    ...(first.before.length > 0 && other.before.length > 0
      ? [
          ...differs("variables of a job", first.jobEnv, other.jobEnv),
          ...differs("defaults of a job", first.jobDefaults, other.jobDefaults),
        ]
      : []),
    ...(isText(first) && isText(other) ? differs("defaults", first.defaults, other.defaults) : []),
  ];
}

/** Whether no service has tags of versions, so that the git tag does not matter. */
function isVersionless({ services }: Adopted): boolean {
  return services.every(({ tags }) => tags?.version.length === 0);
}

function shown(value: YamlValue | undefined): string {
  return value === undefined ? "none" : yamlText(value);
}

/** Joins the triggers of two workflows: an event that starts one of them starts both. */
function mergeTriggers(one: YamlMap, two: YamlMap): YamlMap {
  const names = [...new Set([...Object.keys(one), ...Object.keys(two)])];
  return Object.fromEntries(
    names.map((name) => {
      if (!(name in one)) return [name, two[name]];
      return [name, name in two ? mergeFilters(one[name], two[name]) : one[name]];
    }),
  );
}

function mergeFilters(one: YamlValue | undefined, two: YamlValue | undefined): YamlValue | undefined {
  if (Array.isArray(one) && Array.isArray(two))
    return [...new Map([...one, ...two].map((each) => [JSON.stringify(each), each])).values()];
  const [left, right] = [asMap(one), asMap(two)];
  const isRefs = (map: YamlMap): boolean =>
    ["branches", "tags", "branches-ignore", "tags-ignore"].some((key) => key in map);
  // A push without filters of refs takes every branch and tag.
  const drops = isRefs(left) !== isRefs(right) ? ["branches", "tags", "branches-ignore", "tags-ignore"] : [];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((key) => !drops.includes(key));
  const merged = keys.flatMap((key): [string, YamlValue | undefined][] => {
    if (key in left && key in right) {
      const isMapped = !Array.isArray(left[key]) && typeof left[key] === "object" && left[key] !== null;
      return [
        [
          key,
          isMapped
            ? { ...asMap(left[key]), ...asMap(right[key]) }
            : [...new Set([...yamlTexts(left[key]), ...yamlTexts(right[key])])],
        ],
      ];
    }
    // The absence of such a filter means that nothing is left out.
    const narrows = ["paths", "paths-ignore", "types", "branches-ignore", "tags-ignore"].includes(key);
    return narrows ? [] : [[key, left[key] ?? right[key]]];
  });
  return merged.length === 0 ? null : Object.fromEntries(merged);
}

function smaller(one: number | undefined, two: number | undefined): number | undefined {
  return one === undefined || two === undefined ? (one ?? two) : Math.min(one, two);
}

function unique<T extends { readonly text: string }>(texts: readonly T[]): T[] {
  return [...new Map(texts.map((each) => [each.text, each])).values()];
}
