import { type YamlMap, type YamlValue, asMap, yamlText, yamlTexts } from "../../formats/yaml-data.ts";
import type { AdoptedService, KeptText } from "../adopted.ts";
import { renderPair } from "../yaml-value.ts";
import { type SourceJob, type SourceWorkflow } from "./source.ts";
import { kindOf } from "./step-kinds.ts";

/** Whether a job builds images. */
export function isBuildJob(job: SourceJob): boolean {
  return job.steps.some((step) => ["build", "shell-build", "bake"].includes(kindOf(step)));
}

/** Whether a job puts the platforms of a build job together. */
export function isMergeJob(job: SourceJob, builds: readonly SourceJob[]): boolean {
  const needs = yamlTexts(job.value["needs"]);
  return (
    builds.some(({ id }) => needs.includes(id)) &&
    !isBuildJob(job) &&
    job.steps.some((step) => kindOf(step) === "merge")
  );
}

type Refuse = (line: number, message: string) => void;

/** The remaining jobs and the triggers, unchanged except for references to removed jobs. */
export function keepJobs(
  source: SourceWorkflow,
  gone: readonly SourceJob[],
  services: readonly AdoptedService[],
  refuse: Refuse,
): { jobs: KeptText[]; on: YamlMap } {
  const stays = source.jobs.filter((job) => !gone.includes(job));
  const ids = gone.map(({ id }) => id);
  const removed = { ids, outputs: outputsOf(gone, services) };
  const jobs = stays.flatMap((job): KeptText[] => {
    if (job.text === "") {
      refuse(job.line, `job "${job.id}", since the file uses YAML aliases`);
      return [];
    }
    if (["plan", "build", "release", "slipway"].includes(job.id)) {
      refuse(job.line, `job "${job.id}", whose name Slipway's own job has: rename it`);
    }
    const text = rewriteOutputs(withPermissions(withNeeds(job, ids), source), "needs", removed, (name) =>
      refuse(job.line, `job "${job.id}" reads the output "${name}", which Slipway does not have`),
    );
    return [{ id: job.id, text }];
  });
  const on = JSON.stringify(triggersOf(source, jobs.length > 0));
  const called = rewriteOutputs(on, "jobs", removed, (name) => refuse(1, `the output "${name}" of workflow_call`));
  return { jobs, on: JSON.parse(called) as YamlMap };
}

/** Removes path filters, since Slipway finds the changes, unless other jobs depend on them. */
function triggersOf({ on }: SourceWorkflow, hasOtherJobs: boolean): YamlMap {
  if (hasOtherJobs) return on;
  const withoutPaths = ([event, settings]: [string, YamlValue | undefined]): [string, YamlValue | undefined] => {
    if (settings === null || settings === undefined || typeof settings !== "object" || Array.isArray(settings))
      return [event, settings];
    const { paths: _paths, "paths-ignore": _ignored, ...rest } = settings as YamlMap;
    return [event, Object.keys(rest).length === 0 ? null : rest];
  };
  return Object.fromEntries(Object.entries(on).map(withoutPaths));
}

/** Replaces removed jobs in `needs` by `release`. */
function withNeeds(job: SourceJob, gone: readonly string[]): string {
  const needs = yamlTexts(job.value["needs"]);
  if (!needs.some((id) => gone.includes(id))) return job.text;
  const now = [...new Set(needs.map((id) => (gone.includes(id) ? "release" : id)))];
  const lines = job.text.split("\n");
  const start = lines.findIndex((line) => /^ {2,}needs\s*:/.test(line));
  const indent = (lines[start] ?? "").search(/\S/);
  let end = start + 1;
  while (end < lines.length && /^\s*(?:-|\]|#|$)/.test(lines[end] ?? "") && (lines[end] ?? "").search(/\S/) >= indent)
    end += 1;
  return [...lines.slice(0, start), ...renderPair("needs", now, indent), ...lines.slice(end)].join("\n");
}

/** Writes permissions into a job that relied on the workflow's, which are now empty. */
function withPermissions(text: string, source: SourceWorkflow): string {
  const lines = text.split("\n");
  const key = lines.findIndex((line) => !line.startsWith("#"));
  const indent = (lines[key + 1] ?? "  ").search(/\S/);
  const isOwn = (line: string): boolean => line.search(/\S/) === indent && /^\s*permissions\s*:/.test(line);
  if (lines.some(isOwn)) return text;
  const permissions = source.value["permissions"] ?? { contents: "read" };
  return [...lines.slice(0, key + 1), ...renderPair("permissions", permissions, indent), ...lines.slice(key + 1)].join(
    "\n",
  );
}

/** Maps outputs of removed jobs to those of `release`; undefined: there is no equivalent. */
function outputsOf(
  gone: readonly SourceJob[],
  services: readonly AdoptedService[],
): ReadonlyMap<string, string | undefined> {
  const outputs = new Map<string, string | undefined>();
  const [service, ...more] = services;
  for (const { id, value } of gone) {
    for (const [name, expression] of Object.entries(asMap(value["outputs"]))) {
      const text = yamlText(expression);
      const ofOne = service !== undefined && more.length === 0 ? service.name : undefined;
      if (/\.outputs\.digest\b/.test(text) && ofOne !== undefined)
        outputs.set(`${id}.${name}`, `fromJSON(OUTPUTS.digests)['${ofOne}']`);
      else if (/\.outputs\.version\b/.test(text)) outputs.set(`${id}.${name}`, "OUTPUTS.version");
      else outputs.set(`${id}.${name}`, undefined);
    }
  }
  return outputs;
}

/** Jobs that Slipway's jobs replace. */
interface RemovedJobs {
  readonly ids: readonly string[];
  /** Outputs of `release` by `JOB.OUTPUT`; undefined: there is no equivalent. */
  readonly outputs: ReadonlyMap<string, string | undefined>;
}

function rewriteOutputs(
  text: string,
  context: "needs" | "jobs",
  { ids, outputs }: RemovedJobs,
  unknown: (name: string) => void,
): string {
  const isGone = new Set(ids);
  return text.replaceAll(
    /\b(needs|jobs)\.([\w-]+)\.(?:outputs\.([\w-]+)|result\b)/g,
    (whole, from: string, id: string, name?: string) => {
      if (from !== context || !isGone.has(id)) return whole;
      if (name === undefined) return `${context}.release.result`;
      const now = outputs.get(`${id}.${name}`);
      if (now === undefined) unknown(name);
      return now?.replace("OUTPUTS", `${context}.release.outputs`) ?? whole;
    },
  );
}
