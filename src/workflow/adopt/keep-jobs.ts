import { type YamlMap, asMap, yamlText, yamlTexts } from "../../formats/yaml-data.ts";
import type { AdoptedService, KeptText } from "../adopted.ts";
import { afterJobId } from "./after-jobs.ts";
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

/** Jobs that Slipway's jobs replace, with what takes their place. */
interface Replaced {
  readonly gone: readonly SourceJob[];
  /** Ids of the jobs that hold the steps after the builds. */
  readonly after: ReadonlySet<string>;
  readonly services: readonly AdoptedService[];
  /** Whether a job runs on an event on which nothing is released. */
  readonly runsUnreleased: (job: string) => boolean;
}

/** The remaining jobs and the triggers, unchanged except for references to removed jobs. */
export function keepJobs(
  source: SourceWorkflow,
  { gone, after, services, runsUnreleased }: Replaced,
  refuse: Refuse,
): { jobs: KeptText[]; on: YamlMap } {
  const stays = source.jobs.filter((job) => !gone.includes(job));
  const ids = gone.map(({ id }) => id);
  refuseCircles(source, ids, refuse);
  const removed = { ids, outputs: outputsOf(gone, services) };
  const jobs = stays.flatMap((job): KeptText[] => {
    if (job.text === "") {
      refuse(job.line, `job "${job.id}", since the file uses YAML aliases: write them out`);
      return [];
    }
    if (/^(?:plan|build(?:-\d+)?|release|preview|slipway(?:-shadow)?)$/.test(job.id) || after.has(job.id)) {
      refuse(job.line, `job "${job.id}", whose name Slipway's own job has: rename it`);
    }
    const block = inBlocks(job);
    const isHanging = runsUnreleased(job.id) && yamlTexts(job.value["needs"]).some((id) => ids.includes(id));
    if (isHanging && (job.value["if"] !== undefined || /\bneeds\.[\w-]+\.outputs\b/.test(job.text)))
      refuse(
        job.line,
        `job "${job.id}", which runs also where nothing is published, and has a condition or reads what a build published: let it run only where images are published`,
      );
    const needed = isHanging ? ["slipway"] : ["release"];
    const text = rewriteOutputs(
      withPermissions(withNeeds(block, ids, { needed, after }), source),
      "needs",
      removed,
      (name) =>
        refuse(
          job.line,
          `job "${job.id}" reads the output "${name}", which Slipway does not have: it has digests and version`,
        ),
    );
    return [{ id: job.id, text }];
  });
  const called = rewriteOutputs(JSON.stringify(source.on), "jobs", removed, (name) =>
    refuse(1, `the output "${name}" of workflow_call: Slipway has digests and version`),
  );
  return { jobs, on: JSON.parse(called) as YamlMap };
}

/** Writes a job in block style. In one line, `{ … }`, there is no line to add a key to. */
function inBlocks(job: SourceJob): SourceJob {
  const lines = job.text.split("\n");
  const first = lines.find((line) => !line.startsWith("#")) ?? "";
  const rest = first.slice(first.indexOf(":") + 1).trim();
  const isBlock = rest === "" || rest.startsWith("#");
  return isBlock ? job : { ...job, text: renderPair(job.id, job.value, 0).join("\n") };
}

/** Refuses jobs that run between two builds. One release builds all, so that such a job would have to wait for itself. */
function refuseCircles({ jobs }: SourceWorkflow, gone: readonly string[], refuse: Refuse): void {
  const needs = new Map(jobs.map(({ id, value }) => [id, yamlTexts(value["needs"])]));
  const reaches = (from: string, isEnd: (id: string) => boolean, seen = new Set<string>()): string | undefined => {
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const id of needs.get(from) ?? []) {
      const found = isEnd(id) ? id : reaches(id, isEnd, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const { id, line } of jobs) {
    if (gone.includes(id)) continue;
    const before = reaches(id, (each) => gone.includes(each));
    const after = gone.find((build) => reaches(build, (each) => each === id) !== undefined);
    if (before !== undefined && after !== undefined)
      refuse(line, `job "${id}" between the builds of "${before}" and "${after}": one release builds all of them`);
  }
}

/** Replaces removed jobs in `needs` by those that do their work. */
function withNeeds(
  job: SourceJob,
  gone: readonly string[],
  { needed, after }: { readonly needed: readonly string[]; readonly after: ReadonlySet<string> },
): string {
  const needs = yamlTexts(job.value["needs"]);
  if (!needs.some((id) => gone.includes(id))) return job.text;
  const followers = (id: string): string[] => (after.has(afterJobId(id)) ? [afterJobId(id)] : []);
  const now = [...new Set(needs.flatMap((id) => (gone.includes(id) ? [...needed, ...followers(id)] : [id])))];
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
