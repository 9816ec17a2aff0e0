import { asMap, yamlTexts } from "../../formats/yaml-data.ts";
import { largest } from "../../model/lists.ts";
import type { Adopted, AdoptedService, KeptText } from "../adopted.ts";
import { makeAfterJob } from "./after-jobs.ts";
import { type AdoptOptions, contextsOf, type Draft, fillAll, refuse } from "./draft.ts";
import { matrixOf } from "./expressions.ts";
import { isBuildJob, isMergeJob, keepJobs } from "./keep-jobs.ts";
import { addLogin } from "./login-steps.ts";
import { publishedEvents, releaseRuleOf } from "./published-events.ts";
import { shortSha, withShortSha } from "./fit-tags.ts";
import { readPublishedRows } from "./published-rows.ts";
import { readBuildJob } from "./read-build-job.ts";
import { readKeys } from "./read-keys.ts";
import { addRefs, type NamedDraft, namesOf, nameServices } from "./service-draft.ts";
import type { SourceJob, SourceStep, SourceWorkflow } from "./source.ts";
import { kindOf } from "./step-kinds.ts";

export type { AdoptOptions };

/** Reads the builds and images of a hand-made workflow; undefined: it publishes none. */
export function adoptWorkflow(source: SourceWorkflow, options: AdoptOptions): Adopted | undefined {
  const builds = source.jobs.filter(isBuildJob);
  if (builds.length === 0) return undefined;
  const merges = source.jobs.filter((job) => isMergeJob(job, builds));
  const rows = readPublishedRows(source.file, options);
  const bakes = builds.some(({ steps }) => steps.some((step) => kindOf(step) === "bake"));
  if (rows.events.size === 0 && !bakes) return undefined;
  const draft: Draft = {
    source,
    options,
    rows,
    services: { all: [], byBuild: new Map() },
    notCarried: new Map(),
    replaced: new Set(),
    registries: new Map(),
    logins: new Map(),
    before: new Map(),
    after: [],
    variables: {},
    labels: {},
    bakes: false,
  };
  for (const job of builds) readBuildJob(draft, job);
  for (const job of merges) readMergeJob(draft, job);
  if (draft.services.all.length === 0 && !draft.bakes && draft.notCarried.size === 0) return undefined;
  return finish(draft, builds, merges);
}

function readMergeJob(draft: Draft, job: SourceJob): void {
  const rows = matrixOf(asMap(job.value["strategy"]));
  if (typeof rows === "string") {
    return refuse(
      draft,
      job.line,
      `the matrix of job "${job.id}", which is ${rows}: write its values into the workflow`,
    );
  }
  rows.forEach((values, row) => {
    const contexts = contextsOf(draft, job, values);
    job.steps.forEach((step, index) => {
      const kind = kindOf(step);
      if (kind === "merge") addMerge(draft, step, { job: job.id, row, index });
      else if (kind === "docker-login") addLogin(draft, step, fillAll(asMap(step.value["with"]), contexts));
      else if (kind === "cloud-login") addLogin(draft, step, undefined);
      else if (kind === "other" && !draft.after.some((each) => each.step === step)) draft.after.push({ job, step });
    });
  });
  draft.replaced.add("the job that joins platforms: Slipway's release does so");
}

/** Gives the tags of a merge to the service whose platforms it joins. */
function addMerge(draft: Draft, step: SourceStep, at: { job: string; row: number; index: number }): void {
  const refs = draft.rows.of(at);
  for (const name of namesOf(refs)) {
    const own = draft.services.all.filter((service) => namesOf(service.refs).has(name));
    const [service, ...others] = own;
    if (service === undefined || others.length > 0) {
      const why = service === undefined ? "no build before publishes it" : "several builds publish it";
      refuse(draft, step.line, `joining platforms to ${name}: ${why}; give each build an image name of its own`);
    } else addRefs(service, draft.rows.of(at, [name]));
  }
}

function finish(draft: Draft, builds: readonly SourceJob[], merges: readonly SourceJob[]): Adopted {
  const { source, rows, options } = draft;
  const gone = [...builds, ...merges];
  const named = nameServices(draft.services.all, rows, options.nameOf);
  checkServices(draft, named);
  checkByHand(draft, named);
  checkIds(draft);
  const publishing = gone.filter(({ id }) => merges.some((job) => job.id === id) || publishes(draft, id));
  const after = gone.flatMap((job) => makeAfterJob(draft, job, named) ?? []);
  const services = named.map(({ service }) => service);
  const { jobs, on } = keepJobs(
    source,
    {
      gone,
      after: new Set(after.map(({ id }) => id)),
      services,
      runsUnreleased: (job) => rows.runsOutside(job, publishedEvents(draft)),
    },
    (line, message) => refuse(draft, line, message),
  );
  const keys = readKeys(draft, { builds, merges, publishing: publishing.length === 0 ? gone : publishing });
  if (!needsText(draft, [...jobs, ...after]))
    for (const key of ["env", "defaults"])
      if (source.value[key] !== undefined)
        draft.replaced.add(`${key} of the workflow: filled in where its builds use it`);
  const kept = new Set(jobs.map(({ id }) => id));
  return {
    files: [source.file],
    name: source.name,
    on,
    ...keys,
    env: needsText(draft, [...jobs, ...after]) ? asMap(source.value["env"]) : {},
    defaults:
      needsText(draft, [...jobs, ...after]) && source.value["defaults"] !== undefined
        ? asMap(source.value["defaults"])
        : undefined,
    jobs: [...jobs, ...after],
    gates: [...new Set(gone.flatMap(({ value }) => yamlTexts(value["needs"])))].filter((id) => kept.has(id)),
    gitTag: rows.gitTag,
    release: releaseRuleOf(draft),
    timeoutMinutes: timeoutOf(gone),
    labels: Object.fromEntries(Object.entries(draft.labels).filter(([, labels]) => labels.length > 0)),
    logins: [...draft.logins.values()],
    before: [...draft.before.values()].map(({ id, text }) => ({ id, text })),
    registries: [...draft.registries.values()],
    variables: draft.variables,
    services,
    notCarried: [...draft.notCarried.values()].sort((one, two) => one.line - two.line),
    replaced: [...draft.replaced],
  };
}

/** Refuses a run by hand that gives other tags on another branch than the templates of branches would. */
function checkByHand({ rows, source, notCarried }: Draft, named: readonly NamedDraft[]): void {
  // Tags without templates are refused by themselves.
  if (rows.byHandOnBranch.length === 0 || named.some(({ fitted }) => fitted.problems.length > 0)) return;
  const { branch } = rows.refs;
  const slug = branch.replaceAll(/[^\w.-]/g, "-");
  const made = named.flatMap(({ service }) =>
    service.images.flatMap((image) =>
      (service.tags?.branch ?? []).map((tag) => `${image}:${tag.replace("{branch}", slug).replace("{sha}", shortSha)}`),
    ),
  );
  const published = new Set(rows.byHandOnBranch.map(withShortSha));
  const added = made.filter((each) => !published.has(each));
  const lost = [...published].filter((each) => !made.includes(each));
  if (added.length === 0 && lost.length === 0) return;
  const shown = [...lost.map((each) => `- ${each}`), ...added.map((each) => `+ ${each}`)].join(", ");
  refuse(
    { source, notCarried },
    1,
    `a run by hand on the branch "${branch}" would publish otherwise (${shown}): let it publish on one branch alone`,
  );
}

/** Refuses kept steps of several jobs that have one id: they come into one job. */
function checkIds({ before, logins, ...draft }: Draft): void {
  const ids = [...before.values(), ...logins.values()].map(({ id }) => id).filter((id) => id !== "");
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index || ["plan", "release"].includes(id)));
  for (const id of twice)
    refuse(draft, 1, `the step id "${id}", which two steps of one job would have: give each an id of its own`);
}

function publishes(draft: Draft, job: string): boolean {
  return draft.bakes || draft.services.all.some(({ places }) => places.some((place) => place.job === job));
}

function needsText({ before, logins }: Draft, jobs: readonly KeptText[]): boolean {
  return before.size > 0 || logins.size > 0 || jobs.length > 0;
}

function timeoutOf(jobs: readonly SourceJob[]): number | undefined {
  const timeouts = jobs.flatMap(({ value }) =>
    typeof value["timeout-minutes"] === "number" ? [value["timeout-minutes"]] : [],
  );
  return timeouts.length === 0 ? undefined : largest(timeouts);
}

/** Refuses services whose images or tags Slipway cannot give them. */
function checkServices(draft: Draft, named: readonly NamedDraft[]): void {
  const owners = new Map<string, AdoptedService>();
  for (const { draft: own, service, fitted } of named) {
    const line = own.places[0]?.line ?? 1;
    for (const problem of fitted.problems) refuse(draft, line, problem);
    const tagged = own.places.filter(({ isTagged }) => isTagged);
    const platforms = new Set(tagged.map((place) => place.platforms.join()));
    if (platforms.size > 1)
      refuse(
        draft,
        line,
        `tags of single platforms of ${service.name} (${[...platforms].join("; ")}): Slipway's tags name an image of all platforms`,
      );
    for (const image of service.images) {
      for (const tag of [...(service.tags?.version ?? []), ...(service.tags?.branch ?? [])]) {
        const key = `${image}:${tag}`;
        const owner = owners.get(key);
        if (owner !== undefined && owner !== service)
          refuse(draft, line, `a second build for ${key}, with other settings: give each its own image or tag`);
        owners.set(key, service);
      }
    }
  }
}
