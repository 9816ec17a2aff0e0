import { asMap, yamlText, yamlTexts, type YamlMap } from "../formats/yaml-data.ts";
import { expressionDelimiters, maskSpans } from "../formats/spans.ts";
import type { Adopted, KeptText, AdoptedLogin } from "./adopted.ts";
import { type SourceJob, type SourceStep, type SourceWorkflow } from "./adopt/source.ts";
import { parseReleaseRule } from "./adopt/release-rule.ts";
import type { JobsLayout, RunnerLabels } from "./facts.ts";
import { checkout } from "./pins.ts";
import { ownInputs } from "./triggers.ts";

/** Decisions in a generated workflow, which are kept when it is generated again. */
export interface OwnWorkflow {
  readonly layout: JobsLayout;
  /** Reference of the action, `owner/slipway@ref`, and the version of the ref. */
  readonly action:
    | { readonly repository: string; readonly ref: string; readonly called: string | undefined }
    | undefined;
  /** Labels of runners that are not GitHub's own, by platform; `*`: for all. */
  readonly runners: RunnerLabels["byPlatform"];
  readonly light: readonly string[] | undefined;
  readonly atOnce: number | undefined;
  readonly usesSemanticRelease: boolean;
  readonly registries: readonly AdoptedLogin[];
  /** Parts of adopted workflows; undefined: none is adopted. */
  readonly adopted: Adopted | undefined;
}

const own = /^(?:plan|build(?:-\d+)?|release|preview|slipway|slipway-shadow)$/;

/** Reads a workflow that Slipway generated. `text`: the file with its comments. */
export function readOwnWorkflow(source: SourceWorkflow, text: string): OwnWorkflow | undefined {
  const first = source.jobs.find(({ id }) => id === "plan") ?? source.jobs.find(({ id }) => id === "release");
  if (first === undefined) return undefined;
  const step = first.steps.find(isOwnStep);
  if (step === undefined) return undefined;
  const [repository = "", ref = ""] = yamlText(step.value["uses"]).split("@");
  const at = text.indexOf(`@${ref} # `);
  const called = at < 0 ? undefined : /\S+/y.exec(text.slice(at + ref.length + 4))?.[0];
  const from = /^# Takes the place of (.+)\.$/m.exec(text)?.[1]?.split(", ");
  const strategy = asMap(source.jobs.find(({ id }) => id === "build")?.value["strategy"]);
  const atOnce = strategy["max-parallel"];
  return {
    layout: first.id === "plan" ? "matrix" : "single",
    action: { repository, ref, called },
    runners: {
      ...runnersOf(asMap(step.value["with"])["runners"]),
      ...(first.id === "release" ? ownLabels("*", yamlTexts(first.value["runs-on"])) : {}),
    },
    light: ownLabels("light", yamlTexts(source.jobs.at(-1)?.value["runs-on"]))["light"],
    atOnce: typeof atOnce === "number" ? atOnce : undefined,
    usesSemanticRelease: runsSemanticRelease(source.jobs.find(({ id }) => id === "release")),
    registries: registriesOf(yamlText(asMap(step.value["with"])["registries"])),
    adopted: from === undefined ? undefined : readAdopted(source, first, step, from),
  };
}

function runsSemanticRelease(job: SourceJob | undefined): boolean {
  return job?.steps.some(({ value }) => /\bsemantic-release$/m.test(yamlText(value["run"]).trim())) ?? false;
}

function isOwnStep({ value }: SourceStep): boolean {
  const command = asMap(value["with"])["command"];
  return typeof value["uses"] === "string" && (command === "plan" || command === "release");
}

function readAdopted(source: SourceWorkflow, first: SourceJob, step: SourceStep, files: readonly string[]): Adopted {
  const release = source.jobs.find(({ id }) => id === "release");
  const texts = first.steps
    .slice(0, first.steps.indexOf(step))
    .filter((each) => !isOwnCheckout(each))
    .map(keptStep);
  const build = source.jobs.find(({ id }) => id === "build");
  const timeout = (build ?? first).value["timeout-minutes"];
  const needs = yamlTexts(first.value["needs"]);
  const condition = first.value["if"];
  const permissions = Object.entries(asMap((build ?? first).value["permissions"])).filter(
    ([scope]) => scope !== "contents" && scope !== "packages",
  );
  return {
    files,
    name: source.name,
    runName: yamlText(source.value["run-name"]) === "" ? undefined : yamlText(source.value["run-name"]),
    on: withoutOwnInputs(source.on),
    env: asMap(source.value["env"]),
    defaults: source.value["defaults"] === undefined ? undefined : asMap(source.value["defaults"]),
    jobs: source.jobs.filter(({ id }) => !own.test(id)).map(({ id, text }) => ({ id, text })),
    gates: needs,
    gitTag: "v{version}",
    release: parseReleaseRule(yamlText(asMap(step.value["with"])["release"])),
    jobEnv: asMap(first.value["env"]),
    jobDefaults: first.value["defaults"] === undefined ? undefined : asMap(first.value["defaults"]),
    atOnce: undefined,
    condition: typeof condition === "string" ? condition : undefined,
    environment: release?.value["environment"],
    timeoutMinutes: typeof timeout === "number" && timeout !== 60 ? timeout : undefined,
    labels: {},
    permissions: Object.fromEntries(permissions.map(([scope, level]) => [scope, yamlText(level)])),
    // Logins and preparing steps look alike. The difference matters only if several jobs share the steps, so the first job decides for all.
    logins: first.id === "plan" ? texts : [],
    before: first.id === "plan" ? [] : texts,
    registries: registriesOf(yamlText(asMap(step.value["with"])["registries"])),
    variables: Object.fromEntries(
      Object.entries(asMap(step.value["env"])).map(([name, value]) => [name, yamlText(value)]),
    ),
    services: [],
    notCarried: [],
    replaced: [],
  };
}

function isOwnCheckout({ value }: SourceStep): boolean {
  return value["uses"] === `${checkout.repository}@${checkout.commit}`;
}

function keptStep({ value, text }: SourceStep): KeptText {
  return { id: yamlText(value["id"]), text };
}

/** Reads a map of platforms to labels; labels of GitHub's own runners are left out, because they are chosen again. */
function runnersOf(written: unknown): Record<string, readonly string[]> {
  if (typeof written !== "string") return {};
  const parsed: unknown = JSON.parse(written);
  const entries = Object.entries(typeof parsed === "object" && parsed !== null ? parsed : {});
  return Object.assign(
    {},
    ...entries.map(([platform, labels]: [string, unknown]) =>
      ownLabels(platform, (Array.isArray(labels) ? labels : [labels]).map(String)),
    ),
  );
}

function ownLabels(key: string, labels: readonly string[]): Record<string, readonly string[]> {
  return labels.every((label) => label.startsWith("ubuntu-")) ? {} : { [key]: labels };
}

function registriesOf(lines: string): AdoptedLogin[] {
  return lines.split("\n").flatMap((line) => {
    const [host, user, password] = wordsOf(line);
    return host === undefined || user === undefined || password === undefined ? [] : [{ host, user, password }];
  });
}

/** Splits a line into words; an expression is one word, including its spaces. */
function wordsOf(line: string): string[] {
  const words = maskSpans(line, [expressionDelimiters]).matchAll(/\S+/g);
  return [...words].map(({ 0: word, index }) => line.slice(index, index + word.length));
}

/** Removes Slipway's own inputs, which are added again when the workflow is generated. */
function withoutOwnInputs(on: YamlMap): YamlMap {
  const entries = Object.entries(on).map(([event, settings]) => {
    if (event !== "workflow_call" && event !== "workflow_dispatch") return [event, settings] as const;
    const { inputs, outputs, ...rest } = asMap(settings);
    const others = Object.entries(asMap(inputs)).filter(([name]) => !ownInputs.has(name));
    const othersOut = Object.entries(asMap(outputs)).filter(
      ([name]) => !["digests", "images", "version"].includes(name),
    );
    const kept: YamlMap = {
      ...(others.length === 0 ? {} : { inputs: Object.fromEntries(others) }),
      ...(othersOut.length === 0 ? {} : { outputs: Object.fromEntries(othersOut) }),
      ...rest,
    };
    return [event, Object.keys(kept).length === 0 ? null : kept] as const;
  });
  return Object.fromEntries(entries);
}
