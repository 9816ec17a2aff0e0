import { type YamlMap, type YamlValue, asMap, yamlText, yamlTexts, inputLines } from "../../formats/yaml-data.ts";
import { addAll, largest } from "../../model/lists.ts";
import { expressionDelimiters, maskSpans, replaceSpans } from "../../formats/spans.ts";
import type { Adopted, AdoptedService, KeptText, NotCarried, AdoptedLogin } from "../adopted.ts";
import { type BuildInputs, readBuildInputs } from "./build-inputs.ts";
import { type Contexts, expressionsIn, fillIn, matrixOf, textValues } from "./expressions.ts";
import { isBuildJob, isMergeJob, keepJobs } from "./keep-jobs.ts";
import { shellBuildInputs } from "./shell-inputs.ts";
import { type SourceJob, type SourceStep, type SourceWorkflow } from "./source.ts";
import { kindOf, loginOf, shellLogin } from "./step-kinds.ts";
import { type FoundTags, type Publishing, publishingOf, tagsOfMetadata, tagsOfReferences } from "./tag-templates.ts";

export interface AdoptOptions {
  /** Name of the repository, `owner/name`; undefined: it is not on GitHub. */
  readonly repository: string | undefined;
  /** Returns a service's name for a Dockerfile and a context. */
  readonly nameOf: (dockerfile: string, context: string) => string;
  /** Whether a bake file can be read, for `docker/bake-action`. */
  readonly readsBake: boolean;
}

interface Metadata {
  readonly images: readonly string[];
  readonly tags: FoundTags;
}

/** Intermediate result while steps are read in order. */
interface Draft {
  readonly source: SourceWorkflow;
  readonly options: AdoptOptions;
  readonly publishing: Publishing;
  readonly services: Map<string, AdoptedService>;
  /** Context, Dockerfile and target of each service so far. */
  readonly builtFrom: Set<string>;
  /** Parts that are not carried over, by line and message, because a step of a matrix is read for each row. */
  readonly notCarried: Map<string, NotCarried>;
  readonly replaced: Set<string>;
  readonly registries: Map<string, AdoptedLogin>;
  readonly logins: Map<string, KeptText>;
  readonly before: Map<string, KeptText>;
  readonly variables: Record<string, string>;
  readonly labels: Record<string, readonly string[]>;
  /** Metadata of jobs that merge platforms, for builds that push by digest. */
  merged: Metadata | undefined;
  bakes: boolean;
  pushes: boolean;
}

/** Reads the builds and images of a hand-made workflow; undefined: it publishes none. */
export function adoptWorkflow(source: SourceWorkflow, options: AdoptOptions): Adopted | undefined {
  const builds = source.jobs.filter(isBuildJob);
  if (builds.length === 0) return undefined;
  const merges = source.jobs.filter((job) => isMergeJob(job, builds));
  const draft: Draft = {
    source,
    options,
    publishing: publishingOf(source.on),
    services: new Map(),
    builtFrom: new Set(),
    notCarried: new Map(),
    replaced: new Set(),
    registries: new Map(),
    logins: new Map(),
    before: new Map(),
    variables: {},
    labels: {},
    merged: undefined,
    bakes: false,
    pushes: false,
  };
  for (const job of merges) readMergeJob(draft, job);
  for (const job of builds) readBuildJob(draft, job);
  if (!draft.pushes) return undefined;
  const { jobs, on } = keepJobs(source, [...builds, ...merges], [...draft.services.values()], (line, message) =>
    refuse(draft, line, message),
  );
  return finish(draft, [...builds, ...merges], jobs, on);
}

function finish(draft: Draft, gone: readonly SourceJob[], jobs: readonly KeptText[], on: YamlMap): Adopted {
  const { source, publishing } = draft;
  const kept = new Set(jobs.map(({ id }) => id));
  const conditions = new Set(gone.flatMap(({ value }) => (typeof value["if"] === "string" ? [value["if"]] : [])));
  if (conditions.size > 1) refuse(draft, gone[0]?.line ?? 1, "build jobs with different conditions (if)");
  const [condition] = conditions;
  const needsText = draft.before.size > 0 || draft.logins.size > 0 || jobs.length > 0;
  const timeouts = gone.flatMap(({ value }) =>
    typeof value["timeout-minutes"] === "number" ? [value["timeout-minutes"]] : [],
  );
  if ("concurrency" in source.value || gone.some(({ value }) => "concurrency" in value))
    draft.replaced.add("concurrency: each job has its own");
  const permissions = asMap(gone[0]?.value["permissions"] ?? source.value["permissions"]);
  return {
    files: [source.file],
    name: source.name,
    on,
    env: needsText ? asMap(source.value["env"]) : {},
    defaults: needsText && source.value["defaults"] !== undefined ? asMap(source.value["defaults"]) : undefined,
    jobs,
    gates: [...new Set(gone.flatMap(({ value }) => yamlTexts(value["needs"])))].filter((id) => kept.has(id)),
    gitTag: `${publishing.tagPrefix}{version}`,
    condition: condition === undefined ? undefined : withoutBraces(condition),
    environment: gone.map(({ value }) => value["environment"]).find((value) => value !== undefined),
    timeoutMinutes: timeouts.length === 0 ? undefined : largest(timeouts),
    labels: draft.labels,
    permissions: draft.logins.size > 0 && permissions["id-token"] === "write" ? { "id-token": "write" } : {},
    logins: [...draft.logins.values()],
    before: [...draft.before.values()],
    registries: [...draft.registries.values()],
    variables: draft.variables,
    services: [...draft.services.values()],
    notCarried: [...draft.notCarried.values()],
    replaced: [...draft.replaced],
  };
}

function readMergeJob(draft: Draft, job: SourceJob): void {
  const rows = matrixOf(asMap(job.value["strategy"]));
  for (const row of typeof rows === "string" ? [{}] : rows) {
    const contexts = contextsOf(draft, job, row);
    for (const step of job.steps) {
      if (kindOf(step) === "metadata") draft.merged = readMetadata(draft, step, contexts);
      else if (kindOf(step) === "docker-login") addLogin(draft, step, fillAll(asMap(step.value["with"]), contexts));
    }
  }
}

function readBuildJob(draft: Draft, job: SourceJob): void {
  const rows = matrixOf(asMap(job.value["strategy"]));
  if (typeof rows === "string") return refuse(draft, job.line, `the matrix of job "${job.id}" is ${rows}`);
  for (const key of ["container", "services"])
    if (key in job.value) refuse(draft, job.line, `${key} of job "${job.id}"`);
  for (const row of rows) readSteps(draft, job, contextsOf(draft, job, row));
}

function readSteps(draft: Draft, job: SourceJob, contexts: Contexts): void {
  const metadata = new Map<string, Metadata>();
  const runner = yamlTexts(job.value["runs-on"]).map((label) => fillIn(label, contexts));
  let isBuilt = false;
  for (const step of job.steps) {
    const inputs = asMap(step.value["with"]);
    const kind = kindOf(step);
    switch (kind) {
      case "metadata":
        metadata.set(yamlText(step.value["id"]), readMetadata(draft, step, contexts));
        break;
      case "build":
        addBuild(draft, step, readBuildInputs(inputs, contexts), { metadata, runner });
        isBuilt = true;
        break;
      case "shell-build": {
        const script = shellBuildInputs(yamlText(step.value["run"]), contexts);
        for (const other of script.others) refuse(draft, step.line, `the command "${other}" beside docker build`);
        for (const each of script.builds) addBuild(draft, step, each, { metadata, runner });
        isBuilt = true;
        break;
      }
      case "bake":
        addBake(draft, step, inputs);
        isBuilt = true;
        break;
      case "checkout":
        readCheckout(draft, step, inputs);
        break;
      case "docker-login":
        addLogin(draft, step, fillAll(inputs, contexts));
        break;
      case "cloud-login": {
        const env = { ...contexts.env, ...textValues(asMap(step.value["env"]), contexts) };
        addLogin(draft, step, shellLogin(yamlText(step.value["run"]), env));
        break;
      }
      case "set-up":
        draft.replaced.add("setting up QEMU and buildx: each platform is built on a runner that has it");
        break;
      case "nothing":
        break;
      case "merge":
      case "other":
        if (isBuilt) refuse(draft, step.line, `the step "${titleOf(step)}" after the build`);
        else if (step.text.includes("matrix."))
          refuse(draft, step.line, `the step "${titleOf(step)}" before the build, which depends on the matrix`);
        else draft.before.set(step.text, { id: yamlText(step.value["id"]), text: step.text });
    }
  }
}

function contextsOf({ source, options }: Draft, job: SourceJob, matrix: Readonly<Record<string, string>>): Contexts {
  const { repository } = options;
  const global = textValues(asMap(source.value["env"]), { env: {}, matrix: {}, repository });
  const env = { ...global, ...textValues(asMap(job.value["env"]), { env: global, matrix, repository }) };
  return { env, matrix, repository };
}

function readMetadata(draft: Draft, step: SourceStep, contexts: Contexts): Metadata {
  const inputs = asMap(step.value["with"]);
  const filled = fillAll(inputs, contexts);
  const images = inputLines(filled["images"]).map((line) => /^name=([^,]+)/.exec(line)?.[1] ?? line);
  const tags = tagsOfMetadata(filled, draft.publishing);
  for (const problem of tags.problems) refuse(draft, step.line, problem);
  return { images, tags };
}

/** Job of the building step that is read. */
interface BuildJob {
  /** Metadata of the job's docker/metadata-action steps so far, by step id. */
  readonly metadata: ReadonlyMap<string, Metadata>;
  /** Labels of the job's runner. */
  readonly runner: readonly string[];
}

function addBuild(draft: Draft, step: SourceStep, build: BuildInputs, { metadata, runner }: BuildJob): void {
  if (build.pushes === undefined) {
    draft.replaced.add("builds that push nothing: pull requests are built without pushing");
    return;
  }
  draft.pushes = true;
  const problem = (message: string): void => refuse(draft, step.line, message);
  for (const each of build.problems) problem(each);
  if (build.pushes === "always" && "pull_request" in draft.source.on && step.value["if"] === undefined) {
    problem("images that are pushed from pull requests; Slipway pushes none");
  }
  const found = readTags(draft, build, metadata);
  for (const each of found.tags?.problems ?? []) problem(each);
  const images = [...new Set(found.images.map((image) => image.toLowerCase()))];
  for (const image of images)
    if (image.includes("${{") || image.includes("$"))
      problem(`the image name "${image}", which is not known before a run`);
  if (images.length === 0) problem("an image name that is not known before a run");
  const platforms = build.platforms.length === 0 ? ["linux/amd64"] : build.platforms;
  noteRunner(draft, runner, platforms);
  addVariables(draft, build, problem);
  addService(draft, step, { build, images, platforms, tags: found.tags });
}

function readTags(
  draft: Draft,
  build: BuildInputs,
  metadata: ReadonlyMap<string, Metadata>,
): { images: readonly string[]; tags: FoundTags | undefined } {
  if (build.references.length === 0 && draft.merged !== undefined) return draft.merged;
  const images: string[] = [...build.outputNames];
  const tags: FoundTags[] = [];
  const written: string[] = [];
  for (const reference of build.references) {
    const id = /^\$\{\{ steps\.([\w-]+)\.outputs\.tags \}\}$/.exec(reference)?.[1];
    const made = id === undefined ? undefined : metadata.get(id);
    if (made !== undefined) {
      addAll(images, made.images);
      // Problems of the metadata are reported at the metadata step.
      tags.push({ ...made.tags, problems: [] });
      continue;
    }
    const [image, tag] = splitReference(reference);
    images.push(image);
    written.push(tag);
  }
  if (written.length > 0) tags.push(tagsOfReferences([...new Set(written)], draft.publishing));
  const join = (key: "version" | "branch" | "problems"): string[] => [...new Set(tags.flatMap((each) => each[key]))];
  return {
    images,
    tags:
      tags.length === 0 ? undefined : { version: join("version"), branch: join("branch"), problems: join("problems") },
  };
}

/** Splits a reference at its last `:` after the last `/`; both are ignored inside of expressions. */
function splitReference(reference: string): [image: string, tag: string] {
  const plain = maskSpans(reference, [expressionDelimiters, ["${", "}"], ["$(", ")"]]);
  const colon = plain.lastIndexOf(":");
  return colon > plain.lastIndexOf("/")
    ? [reference.slice(0, colon), reference.slice(colon + 1)]
    : [reference, "latest"];
}

/** Keeps the labels of a self-hosted runner; GitHub's own runners are chosen by platform. */
function noteRunner(draft: Draft, runner: readonly string[], platforms: readonly string[]): void {
  if (
    runner.every((label) => /^(?:ubuntu-|macos-|windows-)/.test(label)) ||
    runner.some((label) => expressionsIn(label).length > 0)
  )
    return;
  for (const platform of platforms) draft.labels[platform] = runner;
}

function addVariables(draft: Draft, build: BuildInputs, problem: (message: string) => void): void {
  for (const [name, value] of Object.entries(build.variables)) {
    const before = draft.variables[name];
    if (before !== undefined && before !== value) problem(`${name} has different values in two builds`);
    draft.variables[name] = value;
  }
}

interface AddedService {
  readonly build: BuildInputs;
  readonly images: readonly string[];
  readonly platforms: readonly string[];
  readonly tags: FoundTags | undefined;
}

/** Adds a service. Builds of one service for several platforms, in a matrix, become one service. */
function addService(draft: Draft, step: SourceStep, { build, images, platforms, tags }: AddedService): void {
  const { context, dockerfile, target, args, secrets, contexts, labels, settings } = build;
  const key = JSON.stringify([context, dockerfile, target, images]);
  const before = draft.services.get(key);
  const from = JSON.stringify([context, dockerfile, target]);
  if (before === undefined && draft.builtFrom.has(from))
    refuse(draft, step.line, `a second image (${images.join(", ")}) from ${dockerfile}, with other settings`);
  draft.builtFrom.add(from);
  draft.services.set(key, {
    name: draft.options.nameOf(dockerfile, context),
    context,
    dockerfile,
    target,
    images,
    tags: tags === undefined ? undefined : { version: tags.version, branch: tags.branch },
    args,
    platforms: [...new Set([...(before?.platforms ?? []), ...platforms])].sort(),
    secrets,
    contexts,
    labels,
    settings,
  });
}

function addBake(draft: Draft, step: SourceStep, inputs: YamlMap): void {
  draft.bakes = true;
  if (yamlText(inputs["push"]) !== "" && inputs["push"] !== false) draft.pushes = true;
  else if (/push=true|type=registry/.test(yamlText(inputs["set"]))) draft.pushes = true;
  if (!draft.options.readsBake)
    refuse(draft, step.line, "docker/bake-action, since no bake file is at the repository's root");
  const known = new Set(
    "files targets set push source workdir pull no-cache builder provenance sbom load github-token".split(" "),
  );
  for (const key of Object.keys(inputs)) if (!known.has(key)) refuse(draft, step.line, `the input "${key}" of bake`);
  const targets = inputLines(inputs["targets"], "commas");
  if (targets.some((target) => target !== "default"))
    refuse(draft, step.line, `targets "${targets.join(", ")}": name them in the group "default" of the bake file`);
  for (const line of inputLines(inputs["set"])) {
    if (!/^[^=]*\.(?:cache-(?:from|to)|output|attest|provenance|sbom)\b/.test(line))
      refuse(draft, step.line, `set "${line}": write it into the bake file`);
  }
  if (/steps\.[^.\s]+\.outputs\.bake-file/.test(yamlText(inputs["files"])))
    refuse(
      draft,
      step.line,
      "the bake file that docker/metadata-action makes: write tags into the bake file or slipway.yaml",
    );
}

const harmlessCheckout = new Set([
  "fetch-depth",
  "fetch-tags",
  "persist-credentials",
  "show-progress",
  "filter",
  "sparse-checkout",
  "sparse-checkout-cone-mode",
  "clean",
]);

function readCheckout(draft: Draft, step: SourceStep, inputs: YamlMap): void {
  for (const [key, value] of Object.entries(inputs)) {
    if (harmlessCheckout.has(key) || value === false) continue;
    if (key === "ref" && /github\.(?:ref|sha)\b/.test(yamlText(value))) continue;
    refuse(draft, step.line, `the input "${key}" of actions/checkout`);
  }
  draft.replaced.add("actions/checkout: each job fetches what it reads");
}

/** Reads a login. A login with more than a host, a user and a password stays a step. */
function addLogin(draft: Draft, step: SourceStep, inputs: YamlMap | undefined): void {
  if (inputs === undefined) {
    draft.logins.set(step.text, { id: yamlText(step.value["id"]), text: step.text });
    return;
  }
  const login = loginOf(inputs);
  if (login === undefined) return;
  const isPlain =
    !login.host.includes("$") &&
    login.user !== "" &&
    !/[\s$]/.test(login.host + replaceSpans(login.user, [expressionDelimiters], () => ""));
  if (isPlain) draft.registries.set(login.host, login);
  else draft.logins.set(step.text, { id: yamlText(step.value["id"]), text: step.text });
}

function fillAll(inputs: YamlMap, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, fillIn(yamlText(value), contexts)]));
}

function titleOf({ value }: SourceStep): string {
  const title: YamlValue | undefined = value["name"] ?? value["uses"] ?? value["run"];
  return yamlText(title).split("\n")[0] ?? "";
}

function refuse({ source, notCarried }: Draft, line: number, message: string): void {
  notCarried.set(`${line} ${message}`, { file: source.file, line, message });
}

/** Removes the braces of `${{ x }}`; other texts stay unchanged. */
function withoutBraces(condition: string): string {
  const isWrapped = condition.startsWith("${{") && condition.endsWith("}}");
  return isWrapped ? condition.slice(3, -2).trim() : condition;
}
