import { asMap, type YamlMap, type YamlValue, yamlText } from "../../formats/yaml-data.ts";
import type { Adopted } from "../adopted.ts";
import { type Draft, refuse, titleOf } from "./draft.ts";
import { expressionsIn } from "./expressions.ts";
import type { SourceJob, SourceStep } from "./source.ts";
import { kindOf, type StepKind } from "./step-kinds.ts";

/**
 * Treatment of a key. `carried`: other code reads it. `replaced`: Slipway has its own, and says so. `refused`: the workflow is not converted. A key
 * that is in no table is refused.
 */
type Treatment =
  | { readonly kind: "carried" }
  | { readonly kind: "replaced"; readonly by: string }
  | { readonly kind: "refused"; readonly instead: string };

const carried: Treatment = { kind: "carried" };
const replaced = (by: string): Treatment => ({ kind: "replaced", by });
const refused = (instead: string): Treatment => ({ kind: "refused", instead });

/** Keys of a workflow. Source: GitHub's schema of workflows. */
const workflowKeys: Readonly<Record<string, Treatment>> = {
  on: carried,
  true: carried,
  name: carried,
  "run-name": carried,
  env: carried,
  defaults: carried,
  permissions: carried,
  jobs: carried,
  concurrency: replaced("each job has its own"),
  description: replaced("the file's comments describe it"),
};

/** Keys of a job that builds, or that joins platforms. */
const jobKeys: Readonly<Record<string, Treatment>> = {
  needs: carried,
  if: carried,
  strategy: carried,
  "runs-on": carried,
  "timeout-minutes": carried,
  env: carried,
  environment: carried,
  permissions: carried,
  outputs: replaced("the release has the digests and the version"),
  defaults: carried,
  steps: carried,
  name: replaced("Slipway's jobs have names of their own; `slipway` is the check to require"),
  concurrency: replaced("each job has its own"),
  "cancel-timeout-minutes": replaced("a cancelled job ends at once"),
  "continue-on-error": refused("a release waits for every service: let the step that may fail be in a job of its own"),
  container: refused("Slipway's jobs run on the runner itself: build without a container"),
  services: refused("start them in a job of its own, which the build needs"),
  snapshot: refused("make the runner's image in a job of its own"),
};

/** Keys of a strategy. */
const strategyKeys: Readonly<Record<string, Treatment>> = {
  matrix: carried,
  "max-parallel": carried,
  "fail-fast": replaced("a failed service ends no other build, and nothing is released then"),
};

/** Keys of a step that Slipway's own steps replace. */
const stepKeys: Readonly<Record<string, Treatment>> = {
  id: carried,
  if: replaced("the table of events says when it publishes"),
  uses: carried,
  run: carried,
  with: carried,
  env: replaced("filled in where its inputs use it"),
  "working-directory": carried,
  name: carried,
  shell: carried,
  "timeout-minutes": replaced("the job has a time limit"),
  "continue-on-error": refused("a release waits for every service: let the step that may fail be in a job of its own"),
  background: refused("run the step in a job of its own"),
};

/** Kinds of steps that stay as they are written, with all their keys. */
const keptKinds: readonly StepKind[] = ["other", "cloud-login"];

interface Jobs {
  readonly builds: readonly SourceJob[];
  readonly merges: readonly SourceJob[];
  /** Jobs among them that publish something. */
  readonly publishing: readonly SourceJob[];
}

type FromKeys = Pick<
  Adopted,
  "condition" | "environment" | "permissions" | "jobEnv" | "jobDefaults" | "runName" | "atOnce"
>;

/** Reads every key of the workflow, of the jobs that Slipway replaces, and of their steps. */
export function readKeys(draft: Draft, jobs: Jobs): FromKeys {
  const { source } = draft;
  treat(draft, source.value, workflowKeys, { line: 1, of: "the workflow" });
  const gone = [...jobs.builds, ...jobs.merges];
  for (const job of gone) {
    const of = `job "${job.id}"`;
    treat(draft, job.value, jobKeys, { line: job.line, of });
    treat(draft, asMap(job.value["strategy"]), strategyKeys, { line: job.line, of: `the strategy of ${of}` });
    for (const step of job.steps) treatStep(draft, step);
    noteVariables(draft, job);
  }
  noteSteps(draft, gone);
  const before = [...new Set([...draft.before.values()].map(({ job }) => job))];
  return {
    condition: conditionOf(draft, jobs),
    environment: environmentOf(draft, jobs.publishing),
    permissions: permissionsOf(draft, gone),
    ...variablesOf(draft, before),
    runName: yamlText(source.value["run-name"]) === "" ? undefined : yamlText(source.value["run-name"]),
    atOnce: smallest(gone.map(({ value }) => asMap(value["strategy"])["max-parallel"])),
  };
}

function treatStep(draft: Draft, step: SourceStep): void {
  if (keptKinds.includes(kindOf(step))) return;
  treat(draft, step.value, stepKeys, { line: step.line, of: `the step "${titleOf(step)}"` });
}

/** Says what becomes of variables and defaults of a job of which no step stays. */
function noteVariables({ before, after, replaced: said }: Draft, job: SourceJob): void {
  const stays = [...before.values()].some((each) => each.job === job) || after.some((each) => each.job === job);
  if (stays) return;
  for (const key of ["env", "defaults"])
    if (job.value[key] !== undefined) said.add(`${key} of job "${job.id}": filled in where its builds use it`);
}

/** Names the steps that Slipway's own replace. */
function noteSteps(draft: Draft, gone: readonly SourceJob[]): void {
  const titles = gone.flatMap(({ steps }) => steps.filter((step) => !keptKinds.includes(kindOf(step))).map(titleOf));
  if (titles.length > 0) draft.replaced.add(`steps that Slipway's own replace: ${[...new Set(titles)].join(", ")}`);
}

function treat(
  draft: Draft,
  map: YamlMap,
  table: Readonly<Record<string, Treatment>>,
  { line, of }: { readonly line: number; readonly of: string },
): void {
  for (const [key, value] of Object.entries(map)) {
    const treatment = Object.hasOwn(table, key) ? table[key] : undefined;
    const isOff = value === false || value === "false" || value === null || value === undefined;
    if (treatment === undefined) refuse(draft, line, `the key "${key}" of ${of}, which Slipway does not know`);
    else if (treatment.kind === "refused" && !isOff) refuse(draft, line, `${key} of ${of}: ${treatment.instead}`);
    else if (treatment.kind === "replaced") draft.replaced.add(`${key} of ${of}: ${treatment.by}`);
  }
}

/** Returns the one condition of the jobs that publish. */
function conditionOf(draft: Draft, { builds, merges, publishing }: Jobs): string | undefined {
  const of = (jobs: readonly SourceJob[]): SourceJob[] => publishing.filter((job) => jobs.includes(job));
  const texts = (jobs: readonly SourceJob[]): string[] => [
    ...new Set(jobs.map(({ value }) => withoutBraces(yamlText(value["if"])))),
  ];
  const ofBuilds = texts(of(builds));
  const ofMerges = texts(of(merges)).filter((text) => text !== "");
  const all = new Set([...ofBuilds.filter((text) => text !== "" || ofBuilds.length > 1), ...ofMerges]);
  if (all.size > 1) {
    const shown = [...all].map((text) => (text === "" ? "none" : text)).join("; ");
    const line = publishing.find(({ value }) => value["if"] !== undefined)?.line ?? 1;
    refuse(draft, line, `different conditions (if) of building jobs (${shown}): one release has one condition`);
  }
  const [condition] = all;
  if (condition?.includes("needs.") === true || condition?.includes("matrix.") === true)
    refuse(
      draft,
      publishing[0]?.line ?? 1,
      `the condition "${condition}", which reads another job: check it in a step`,
    );
  return condition === "" ? undefined : condition;
}

/** Removes the braces of `${{ x }}`; other texts stay unchanged. */
function withoutBraces(condition: string): string {
  const text = condition.trim();
  const inner = text.slice(3, -2);
  const isWrapped = text.startsWith("${{") && text.endsWith("}}") && !inner.includes("}}");
  return isWrapped ? inner.trim() : text;
}

function environmentOf(draft: Draft, publishing: readonly SourceJob[]): YamlValue | undefined {
  const all = publishing.map(({ value, line, id }) => ({ environment: value["environment"], line, id }));
  const named = all.filter(({ environment }) => environment !== undefined);
  const [first] = named;
  if (first === undefined) return undefined;
  const other = named.find(({ environment }) => JSON.stringify(environment) !== JSON.stringify(first.environment));
  if (other !== undefined)
    refuse(
      draft,
      other.line,
      `jobs "${first.id}" and "${other.id}" have different environments (${shownOf(first.environment)}; ${shownOf(other.environment)}): one release has one`,
    );
  if (/\b(?:steps|matrix|needs)\./.test(JSON.stringify(first.environment)))
    refuse(draft, first.line, `the environment ${shownOf(first.environment)}, which a run computes: name it`);
  return first.environment;
}

function shownOf(environment: YamlValue | undefined): string {
  return yamlText(asMap(environment)["name"] ?? environment);
}

/** Permissions that Slipway's jobs have anyway. */
const ownScopes = new Set(["contents", "packages"]);

/** Returns the permissions that kept steps may need beyond Slipway's own. */
function permissionsOf(draft: Draft, gone: readonly SourceJob[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const job of gone) {
    const written = job.value["permissions"] ?? draft.source.value["permissions"];
    if (typeof written === "string" && /^\s*(?:write|read)-all\s*$/.test(written)) {
      refuse(draft, job.line, `permissions: ${written} of job "${job.id}": name the permissions that it needs`);
      continue;
    }
    for (const [scope, level] of Object.entries(asMap(written)))
      if (!ownScopes.has(scope) && yamlText(level) !== "none") found[scope] = yamlText(level);
  }
  if (draft.logins.size > 0 || draft.before.size > 0) return found;
  for (const scope of Object.keys(found))
    draft.replaced.add(
      `the permission ${scope} of the job that builds: no step of yours is left in it; the new jobs have the permissions that they need`,
    );
  return {};
}

/** Returns the variables and defaults of the job whose steps before the build stay. */
function variablesOf(draft: Draft, jobs: readonly SourceJob[]): Pick<Adopted, "jobEnv" | "jobDefaults"> {
  const [first, ...others] = jobs;
  if (first === undefined) return { jobEnv: {}, jobDefaults: undefined };
  const keyOf = ({ value }: SourceJob): string => JSON.stringify([value["env"] ?? {}, value["defaults"] ?? {}]);
  for (const other of others)
    if (keyOf(other) !== keyOf(first))
      refuse(
        draft,
        other.line,
        `steps before the builds of "${first.id}" and "${other.id}" with different variables or defaults: one job runs them all`,
      );
  const { env, defaults } = first.value;
  const written = Object.values({ ...asMap(env), ...asMap(asMap(defaults)["run"]) }).flatMap((each) =>
    expressionsIn(yamlText(each)),
  );
  if (written.some((each) => /\bmatrix\./.test(each)))
    refuse(
      draft,
      first.line,
      `variables of job "${first.id}" that depend on the matrix: one job runs the steps before`,
    );
  return { jobEnv: asMap(env), jobDefaults: defaults === undefined ? undefined : asMap(defaults) };
}

function smallest(values: readonly (YamlValue | undefined)[]): number | undefined {
  const numbers = values.flatMap((each) => (typeof each === "number" ? [each] : []));
  return numbers.length === 0 ? undefined : numbers.reduce((least, each) => Math.min(least, each));
}
