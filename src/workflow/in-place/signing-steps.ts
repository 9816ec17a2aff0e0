import { asMap, type YamlMap, type YamlValue, yamlText } from "../../formats/yaml-data.ts";
import { shellText } from "../../shell/expand-word.ts";
import { followScript } from "../../shell/follow-script.ts";
import { parseScript } from "../../shell/parse-script.ts";
import type { StepChange, StepPath } from "./step-change.ts";
import { valueAt } from "./yaml-path.ts";

/** Step or job that signs or attests to the digest of a build, and stays as it is although the image may be reused. */
export interface UnchangedSigner {
  readonly path: StepPath;
  /** What a person can write, as a sentence. */
  readonly advice: string;
}

/** Changes of steps and jobs that sign or attest, and those that a person has to look at. */
export interface SigningChanges {
  readonly changes: readonly StepChange[];
  readonly unchanged: readonly UnchangedSigner[];
}

/**
 * Adds conditions to steps and jobs that sign or attest to the digest of a build, so that a reused image is not signed again; a digest that is handed
 * to another job gets an output `reused` beside it. This is done only for a step without a condition, or under the build's own: then every pushed
 * build is signed already. A step with another condition signs on other events, and one that signs what is always built signs something new; both stay.
 * `builds`: paths of the steps that become Slipway's.
 */
export function conditionSigners(whole: YamlValue | undefined, builds: readonly StepPath[]): SigningChanges {
  const changes: StepChange[] = [];
  const unchanged: UnchangedSigner[] = [];
  const known = builds.flatMap((path) => buildAt(whole, path) ?? []);
  const outputs = new Map<string, StepChange>();
  for (const signer of signersIn(whole)) {
    const read = readsOf(whole, signer, known);
    if (read === undefined) continue;
    if (signer.doesMore !== undefined) {
      unchanged.push({
        path: signer.path,
        advice: `it signs or attests, and runs ${signer.doesMore} too; put the signing under ${read.conditions.join(" || ")} yourself`,
      });
      continue;
    }
    for (const output of read.outputs) outputs.set(`${output.path.join(".")} ${output.name}`, output);
    changes.push({ kind: "condition", path: signer.path, condition: joined(read.conditions) });
  }
  return { changes: [...changes, ...outputs.values()], unchanged };
}

function joined(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] ?? "") : `(${conditions.join(" || ")})`;
}

interface KnownBuild {
  readonly id: string;
  readonly list: string;
  readonly job: string | undefined;
  /** Conditions under which every image that the build pushes is signed: its own, its job's, and that of its push. */
  readonly conditions: readonly string[];
}

function buildAt(whole: YamlValue | undefined, path: StepPath): KnownBuild | undefined {
  const step = asMap(valueAt(whole, path));
  const id = yamlText(step["id"]);
  if (id === "") return undefined;
  const isInJob = path[0] === "jobs";
  const job = asMap(valueAt(whole, path.slice(0, 2)));
  const conditions = [step["if"], asMap(step["with"])["push"], ...(isInJob ? [job["if"]] : [])];
  return {
    id,
    list: path.slice(0, -1).join("."),
    job: isInJob ? String(path[1]) : undefined,
    conditions: conditions.map(bareExpression).filter((each) => each !== ""),
  };
}

interface Signer {
  readonly path: StepPath;
  readonly list: string;
  readonly job: string | undefined;
  readonly text: string;
  /** Conditions of the step and, if it has one, of its job. */
  readonly conditions: readonly string[];
  readonly hasCondition: (condition: string) => boolean;
  /** Program that its script runs beside those that sign; undefined: there is none. */
  readonly doesMore: string | undefined;
}

function signersIn(whole: YamlValue | undefined): Signer[] {
  const jobs = Object.entries(asMap(asMap(whole)["jobs"])).flatMap(([id, job]) => signersOfJob(id, asMap(job)));
  return [...jobs, ...signersOfList(asMap(valueAt(whole, ["runs"]))["steps"], ["runs", "steps"], undefined)];
}

function signersOfJob(id: string, job: YamlMap): Signer[] {
  const path = ["jobs", id];
  if (!/slsa-github-generator|attest/.test(yamlText(job["uses"])))
    return signersOfList(job["steps"], [...path, "steps"], { id, value: job });
  return [signerOf(job, path, { id, value: job })];
}

interface SurroundingJob {
  readonly id: string;
  readonly value: YamlMap;
}

function signersOfList(steps: YamlValue | undefined, path: StepPath, job: SurroundingJob | undefined): Signer[] {
  if (!Array.isArray(steps)) return [];
  return (steps as readonly YamlValue[]).flatMap((each, index) => {
    const step = asMap(each);
    return signs(step) ? [signerOf(step, [...path, index], job)] : [];
  });
}

function signerOf(value: YamlMap, path: StepPath, job: SurroundingJob | undefined): Signer {
  const own = JSON.stringify(value);
  // A variable of the job that the step uses may hold the digest.
  const variables = Object.entries(asMap(job?.value["env"])).filter(([name]) => own.includes(name));
  const conditions = [value["if"], job?.value["if"]].map(bareExpression).filter((each) => each !== "");
  return {
    path,
    list: path.slice(0, -1).join("."),
    job: job?.id,
    text: [own, ...variables.map(([, text]) => yamlText(text))].join("\n"),
    conditions: [...new Set(conditions)],
    hasCondition: (condition) => yamlText(value["if"]).includes(condition),
    doesMore: otherProgram(yamlText(value["run"])),
  };
}

/** Whether a step signs or attests to an image. */
function signs(step: YamlMap): boolean {
  return (
    /^actions\/attest(?:-build-provenance|-sbom)?@/.test(yamlText(step["uses"])) ||
    /\bcosign\s+(?:sign|attest)\b(?!-blob)|\bnotation\s+sign\b/.test(yamlText(step["run"]))
  );
}

const signing: ReadonlySet<string> = new Set(
  "cosign notation echo printf set sleep true crane docker-login jq".split(" "),
);

/** Returns a program of a script that neither signs nor prepares that. */
function otherProgram(script: string): string | undefined {
  if (script === "") return undefined;
  const evaluate = (_: string, raw: string): { text: string; unknown: string[] } => ({ text: raw, unknown: [raw] });
  const commands = followScript(parseScript(script), script, {
    variables: new Map(),
    args: [],
    folder: shellText("."),
    evaluate,
  });
  const names = commands.map(({ words: [program, verb] }) =>
    program?.text === "docker" && verb?.text === "login" ? "docker-login" : (program?.text ?? ""),
  );
  return names.find((name) => !signing.has(name));
}

interface ReadDigests {
  readonly conditions: readonly string[];
  readonly outputs: readonly (StepChange & { readonly kind: "output" })[];
}

/**
 * Returns the conditions under which one of the digests that a step signs is new, with the outputs that hand this on; undefined: the step signs
 * something else too, has such a condition, or another one than the builds.
 */
function readsOf(whole: YamlValue | undefined, signer: Signer, builds: readonly KnownBuild[]): ReadDigests | undefined {
  const conditions = new Set<string>();
  const outputs: (StepChange & { kind: "output" })[] = [];
  const read = new Set<KnownBuild>();
  for (const [, id = ""] of signer.text.matchAll(/\bsteps\.([\w-]+)\.outputs\.digest\b/g)) {
    const build = builds.find((each) => each.list === signer.list && each.id === id);
    if (build === undefined) return undefined;
    read.add(build);
    conditions.add(`steps.${id}.outputs.reused != 'true'`);
  }
  for (const [, job = "", name = ""] of signer.text.matchAll(/\bneeds\.([\w-]+)\.outputs\.([\w-]+)/g)) {
    const written = valueAt(whole, ["jobs", job, "outputs", name]);
    const [, id] = /\bsteps\.([\w-]+)\.outputs\.digest\b/.exec(yamlText(written)) ?? [];
    if (id === undefined) continue;
    const build = builds.find((each) => each.job === job && each.id === id);
    if (build === undefined) return undefined;
    read.add(build);
    const reused = reusedOutput(asMap(valueAt(whole, ["jobs", job, "outputs"])), name, id);
    if (!reused.isThere)
      outputs.push({ kind: "output", path: ["jobs", job], after: name, name: reused.name, value: valueOf(id) });
    conditions.add(`needs.${job}.outputs.${reused.name} != 'true'`);
  }
  if (conditions.size === 0 || [...conditions].some(signer.hasCondition)) return undefined;
  const isBuilds = (condition: string): boolean => [...read].every((build) => build.conditions.includes(condition));
  return signer.conditions.every(isBuilds) ? { conditions: [...conditions], outputs } : undefined;
}

function valueOf(id: string): string {
  return `\${{ steps.${id}.outputs.reused }}`;
}

/** Names the output beside that of a digest: `reused` beside `digest`, `api-reused` beside `api-digest`. */
function reusedOutput(outputs: YamlMap, digest: string, id: string): { name: string; isThere: boolean } {
  const there = Object.entries(outputs).find(([, value]) => yamlText(value).includes(`steps.${id}.outputs.reused`));
  if (there !== undefined) return { name: there[0], isThere: true };
  const wanted = /digest/.test(digest) ? digest.replace("digest", "reused") : `${digest}-reused`;
  return { name: wanted in outputs ? `${wanted}-${id}` : wanted, isThere: false };
}

/** Removes `${{ }}` and white space from a condition, for comparison. */
function bareExpression(value: YamlValue | undefined): string {
  return yamlText(value)
    .replace(/^\s*\$\{\{|\}\}\s*$/g, "")
    .replaceAll(/\s+/g, "");
}

/** Outputs by which a workflow or an action hands the digest of one of these builds to its callers. */
export function handedDigests(
  whole: YamlValue | undefined,
  builds: readonly StepPath[],
): readonly { readonly output: string; readonly id: string }[] {
  const known = builds.flatMap((path) => buildAt(whole, path) ?? []);
  const ofJob = (job: string, name: string): string => yamlText(valueAt(whole, ["jobs", job, "outputs", name])) || "";
  const called = Object.entries(asMap(valueAt(whole, ["on", "workflow_call", "outputs"])));
  const action = Object.entries(asMap(asMap(whole)["outputs"]));
  return [...called, ...action].flatMap(([output, declared]) => {
    const value = yamlText(asMap(declared)["value"]);
    const [, job, name] = /\bjobs\.([\w-]+)\.outputs\.([\w-]+)/.exec(value) ?? [];
    const written = job === undefined || name === undefined ? value : ofJob(job, name);
    const [, id] = /\bsteps\.([\w-]+)\.outputs\.digest\b/.exec(written) ?? [];
    return id !== undefined && known.some((build) => build.id === id) ? [{ output, id }] : [];
  });
}

/** Paths of the steps and jobs of a file that sign or attest to this output of a step or job. */
export function signersOfOutput(whole: YamlValue | undefined, output: string): readonly StepPath[] {
  const pattern = `.outputs.${output}`;
  return signersIn(whole).flatMap(({ path, text }) => (text.includes(pattern) ? [path] : []));
}
