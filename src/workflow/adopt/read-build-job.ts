import { asMap, inputLines, yamlText, yamlTexts } from "../../formats/yaml-data.ts";
import { nameOfReference } from "../../publishers/image-names.ts";
import { addBake } from "./bake-step.ts";
import { type BuildInputs, readBuildInputs } from "./build-inputs.ts";
import { type Draft, contextsOf, contextsOfStep, fillAll, type WrittenMetadata, refuse, titleOf } from "./draft.ts";
import { type Contexts, expressionsIn, fillIn, matrixOf, type MatrixRow } from "./expressions.ts";
import { addLogin } from "./login-steps.ts";
import { addBuildTo } from "./service-draft.ts";
import { shellBuildInputs } from "./shell-inputs.ts";
import type { SourceJob, SourceStep } from "./source.ts";
import { isInstaller, kindOf, shellLogin } from "./step-kinds.ts";

/** Row of a job's matrix while its steps are read. */
interface Row {
  readonly job: SourceJob;
  readonly number: number;
  readonly values: MatrixRow;
  readonly contexts: Contexts;
  /** Metadata of the row's docker/metadata-action steps so far, by step id. */
  readonly metadata: Map<string, WrittenMetadata>;
  isBuilt: boolean;
}

/** Reads the builds of a job, and its other steps, for each row of its matrix. */
export function readBuildJob(draft: Draft, job: SourceJob): void {
  const rows = matrixOf(asMap(job.value["strategy"]));
  if (typeof rows === "string") {
    const instead = "write its values into the workflow";
    return refuse(draft, job.line, `the matrix of job "${job.id}", which is ${rows}: ${instead}`);
  }
  rows.forEach((values, number) => {
    const contexts = contextsOf(draft, job, values);
    readSteps(draft, { job, number, values, contexts, metadata: new Map(), isBuilt: false });
  });
}

function readSteps(draft: Draft, row: Row): void {
  row.job.steps.forEach((step, index) => {
    const inputs = asMap(step.value["with"]);
    const contexts = contextsOfStep(row.contexts, step);
    const kind = kindOf(step);
    switch (kind) {
      case "metadata":
        row.metadata.set(yamlText(step.value["id"]), readMetadata(draft, step, contexts));
        break;
      case "build":
        addBuild(draft, { row, step, index }, readBuildInputs(withMetadata(fillAll(inputs, contexts), row), contexts));
        break;
      case "shell-build":
        addShellBuilds(draft, { row, step, index }, contexts);
        break;
      case "bake":
        addBake(draft, step, inputs);
        row.isBuilt = true;
        break;
      case "checkout":
        readCheckout(draft, step);
        break;
      case "docker-login":
        addLogin(draft, step, fillAll(inputs, contexts));
        break;
      case "cloud-login":
        addLogin(draft, step, shellLogin(yamlText(step.value["run"]), contexts.env));
        break;
      case "set-up":
        draft.replaced.add("setting up QEMU and buildx: each platform is built on a runner that has it");
        break;
      case "build-cache":
        draft.replaced.add("steps that keep BuildKit's cache: Slipway has caches of its own");
        break;
      case "digests":
        draft.replaced.add("steps that hand digests over: Slipway's jobs do so themselves");
        break;
      case "push":
        draft.replaced.add(`"${titleOf(step)}", which pushes: Slipway's builds push, and its release tags`);
        break;
      case "shown":
        draft.replaced.add(`"${titleOf(step)}", which only prints: left out`);
        break;
      case "merge":
      case "other":
        addOther(draft, row, step);
    }
  });
}

function addOther(draft: Draft, row: Row, step: SourceStep): void {
  const hasBuild = row.job.steps.some((each) => ["build", "shell-build", "bake"].includes(kindOf(each)));
  const comesAfter = row.isBuilt || (isInstaller(step) && hasStepsAfter(row.job));
  if (comesAfter && hasBuild) {
    if (!draft.after.some((each) => each.step === step)) draft.after.push({ job: row.job, step });
  } else if (step.text === "")
    refuse(draft, step.line, `the step "${titleOf(step)}", since the file uses YAML aliases: write them out`);
  else if (step.text.includes("matrix."))
    refuse(
      draft,
      step.line,
      `the step "${titleOf(step)}" before the build, which depends on the matrix: write it without, since one job builds all`,
    );
  else draft.before.set(step.text, { id: yamlText(step.value["id"]), text: step.text, job: row.job });
}

/** Whether a job has steps of a person's own after its last build. */
function hasStepsAfter({ steps }: SourceJob): boolean {
  const kinds = steps.map(kindOf);
  const last = kinds.findLastIndex((kind) => ["build", "shell-build", "bake"].includes(kind));
  return kinds.slice(last + 1).includes("other");
}

function readMetadata(draft: Draft, step: SourceStep, contexts: Contexts): WrittenMetadata {
  const filled = fillAll(asMap(step.value["with"]), contexts);
  for (const key of ["bake-target", "sep-tags", "sep-labels", "sep-annotations"])
    if (key in filled) draft.replaced.add(`the input ${key} of docker/metadata-action: Slipway reads its lists itself`);
  return { labels: inputLines(filled["labels"]), annotations: inputLines(filled["annotations"]), step };
}

/** Replaces the labels and annotations of docker/metadata-action by those that a person wrote there; Slipway makes the others. */
function withMetadata(inputs: Record<string, string>, { metadata }: Row): Record<string, string> {
  const fill = (text: string, which: "labels" | "annotations"): string =>
    text.replaceAll(/\$\{\{ steps\.([\w-]+)\.outputs\.(?:labels|annotations) \}\}/g, (whole, id: string) => {
      const own = metadata.get(id);
      return own === undefined ? whole : own[which].join("\n");
    });
  const replaced = Object.entries(inputs).map(([key, text]) =>
    key === "labels" || key === "annotations" ? [key, fill(text, key)] : [key, text],
  );
  return Object.fromEntries(replaced) as Record<string, string>;
}

/** Step of a row that builds. */
interface BuildStep {
  readonly row: Row;
  readonly step: SourceStep;
  readonly index: number;
}

function addShellBuilds(draft: Draft, at: BuildStep, contexts: Contexts): void {
  const { row, step } = at;
  const script = shellBuildInputs(yamlText(step.value["run"]), contexts, folderOf(draft, at));
  for (const other of script.others)
    refuse(draft, step.line, `the command "${other}" beside docker build: make it a step of its own`);
  const known = script.builds.length > 1;
  for (const build of script.builds)
    addBuild(draft, at, build, known ? build.references.map(nameOfReference) : undefined);
  row.isBuilt = true;
}

/** Returns the working folder of a script. */
function folderOf({ source }: Draft, { row, step }: BuildStep): string {
  const defaults = [row.job.value, source.value].map(
    (each) => asMap(asMap(each["defaults"])["run"])["working-directory"],
  );
  const written = [step.value["working-directory"], ...defaults].find((each) => each !== undefined);
  return written === undefined ? "." : fillIn(yamlText(written), row.contexts);
}

function addBuild(draft: Draft, { row, step, index }: BuildStep, build: BuildInputs, images?: readonly string[]): void {
  row.isBuilt = true;
  const problem = (message: string): void => refuse(draft, step.line, message);
  const refs = draft.rows.of({ job: row.job.id, row: row.number, index }, images);
  const references = [...refs.values()].flat();
  if (references.length === 0) {
    draft.replaced.add("builds that push nothing: pull requests are built without pushing");
    return;
  }
  for (const each of build.problems) problem(each);
  for (const each of build.replaced) draft.replaced.add(each);
  for (const event of ["pull-request", "fork-pull-request"] as const)
    if (refs.has(event)) problem("images that are pushed from pull requests: Slipway pushes none, unless as previews");
  const platforms = build.platforms.length === 0 ? [platformOf(row)] : build.platforms;
  keepReadSteps(draft, row, build.steps, problem);
  noteRunner(draft, row, platforms);
  addVariables(draft, build, row, problem);
  addBuildTo(draft.services, {
    build,
    refs,
    place: {
      line: step.line,
      job: row.job.id,
      step: yamlText(step.value["id"]),
      row: row.values,
      platforms,
      isTagged: references.some((each) => !each.includes("@")),
    },
  });
}

/** Keeps the steps whose outputs build args read: docker/metadata-action in each job, others before the build. */
function keepReadSteps(
  draft: Draft,
  { metadata }: Row,
  ids: readonly string[],
  problem: (message: string) => void,
): void {
  for (const id of ids) {
    const step = metadata.get(id)?.step;
    if (step === undefined) {
      const isKept = [...draft.before.values()].some((each) => each.id === id);
      if (!isKept) problem(`a build arg from the step "${id}", which does not stay: write the value into the workflow`);
    } else if (step.text.includes("matrix."))
      problem(
        `a build arg from the step "${id}", which depends on the matrix: give metadata-action the same inputs for all`,
      );
    else draft.logins.set(step.text, { id, text: step.text });
  }
}

/** Returns the platform of a row's runner, for which a build without platforms builds. */
function platformOf({ job, contexts }: Row): string {
  const labels = yamlTexts(job.value["runs-on"]).map((label) => fillIn(label, contexts));
  return labels.some((label) => /\barm(?:64)?\b|aarch64/i.test(label)) ? "linux/arm64" : "linux/amd64";
}

/** Keeps the labels of a self-hosted runner; GitHub's own runners are chosen by platform. */
function noteRunner(draft: Draft, { job, contexts }: Row, platforms: readonly string[]): void {
  const runner = yamlTexts(job.value["runs-on"]).map((label) => fillIn(label, contexts));
  const isHosted = runner.every((label) => /^(?:ubuntu-|macos-|windows-)/.test(label));
  if (runner.some((label) => expressionsIn(label).length > 0)) {
    return refuse(draft, job.line, `the runner "${runner.join(", ")}" of job "${job.id}": name its labels`);
  }
  for (const platform of platforms) {
    const before = draft.labels[platform];
    const now = isHosted ? [] : runner;
    if (before !== undefined && before.join() !== now.join()) {
      const names = [before, now].map((labels) => (labels.length === 0 ? "GitHub's own" : labels.join(", ")));
      refuse(draft, job.line, `different runners for ${platform} (${names.join("; ")}): one platform is built on one`);
    }
    draft.labels[platform] = now;
  }
}

function addVariables(draft: Draft, build: BuildInputs, { contexts }: Row, problem: (message: string) => void): void {
  const secrets = build.secrets.filter(({ env }) => !(env in build.variables) && env in contexts.env);
  const ofEnv = secrets.map(({ env }) => [env, contexts.env[env] ?? ""] as const);
  for (const [name, value] of [...Object.entries(build.variables), ...ofEnv]) {
    const before = draft.variables[name];
    if (before !== undefined && before !== value)
      problem(`${name} has different values in two builds: give it one name for each`);
    draft.variables[name] = value;
  }
}

const harmlessCheckout = new Set(
  "fetch-depth fetch-tags persist-credentials show-progress filter sparse-checkout sparse-checkout-cone-mode clean".split(
    " ",
  ),
);

function readCheckout(draft: Draft, step: SourceStep): void {
  for (const [key, value] of Object.entries(asMap(step.value["with"]))) {
    if (harmlessCheckout.has(key) || value === false) continue;
    if (key === "ref" && /^\$\{\{ *github\.(?:ref|sha) *\}\}$/.test(yamlText(value))) continue;
    refuse(draft, step.line, `the input "${key}" of actions/checkout: Slipway builds the run's own commit`);
  }
  draft.replaced.add("actions/checkout: each job fetches what it reads");
}
