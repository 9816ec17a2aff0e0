import { addAll } from "../../model/lists.ts";
import { SlipwayError } from "../../errors.ts";
import { attestationAttributes, defaultProvenance, withBuilderId } from "../drop-in/attestations.ts";
import { attestsByDefault, type BuildxFacts, isBuildxSince } from "../drop-in/buildx-facts.ts";
import { hasOutputType, hasType } from "../drop-in/comma-fields.ts";
import type { DockerRun } from "../drop-in/docker-run.ts";
import { flagEach, flagGiven, flagIf } from "../drop-in/flags.ts";
import type { BuildPushInputs } from "./inputs.ts";
import { type BuildSecrets, planSecrets, type SecretFiles } from "./secrets.ts";

/** Values other than the inputs that the arguments depend on. */
export interface BuildPushSurroundings {
  readonly run: DockerRun;
  readonly buildx: BuildxFacts;
  /** Whether default attestations are omitted. */
  readonly leavesOutDefaults: boolean;
  readonly files: BuildFiles;
}

/** Paths of buildx's reports, and of files for the values of secrets. */
export interface BuildFiles extends SecretFiles {
  readonly imageId: string;
  readonly metadata: string;
}

/** Arguments for `docker buildx`, with the files to write before. */
export interface BuildPushArguments {
  /** Arguments of buildx, starting with `build`. */
  readonly argv: readonly string[];
  /** Files to write before buildx runs; their values are masked in the log. */
  readonly secrets: readonly { readonly path: string; readonly value: string }[];
  readonly warnings: readonly string[];
}

/**
 * Makes the arguments that build-push-action passes to `docker buildx`, in its order; `test/docker-actions` compares both. Throws `option-invalid`
 * for `call` if this buildx does not support it.
 */
export function makeBuildPushArguments(
  inputs: BuildPushInputs,
  surroundings: BuildPushSurroundings,
): BuildPushArguments {
  const { buildx } = surroundings;
  const warnings: string[] = [];
  const secrets = planSecrets(inputs, surroundings);
  const since = (minimum: string): boolean => isBuildxSince(buildx, minimum);
  const supported = (isSupported: boolean, values: readonly string[], otherwise: string): readonly string[] => {
    if (!isSupported && values.length > 0) warnings.push(otherwise);
    return isSupported ? values : [];
  };
  const annotations = supported(
    since("0.12.0"),
    inputs.annotations,
    tooOld("Annotations", "0.12.0", "input 'annotations' is"),
  );
  const contexts = supported(
    since("0.8.0"),
    inputs.buildContexts,
    tooOld("Build contexts", "0.8.0", "input 'build-contexts' is"),
  );
  if (inputs.call !== "" && !since("0.15.0")) {
    throw new SlipwayError("option-invalid", "Buildx >= 0.15.0 is required to use the call flag.");
  }
  addAll(warnings, secrets.environment.warnings);
  const attests = since("0.10.0");
  if (!attests) warnings.push(tooOld("Attestations", "0.10.0", "inputs 'attests', 'provenance' and 'sbom' are"));
  addAll(warnings, secrets.values.warnings);
  addAll(warnings, secrets.files.warnings);
  const argv = [
    "build",
    ...sourceArguments({ ...inputs, annotations, buildContexts: contexts }, secrets, surroundings),
    ...resultArguments(inputs, secrets, { ...surroundings, attests }),
    inputs.context,
  ];
  return { argv, secrets: [...secrets.values.files, ...secrets.token.files], warnings };
}

function sourceArguments(
  inputs: BuildPushInputs,
  secrets: BuildSecrets,
  { buildx, files }: BuildPushSurroundings,
): string[] {
  return [
    ...flagEach("--add-host", inputs.addHosts),
    ...flagEach("--allow", inputs.allow),
    ...flagEach("--annotation", inputs.annotations),
    ...flagEach("--build-arg", inputs.buildArgs),
    ...flagEach("--build-context", inputs.buildContexts),
    ...flagEach("--cache-from", inputs.cacheFrom),
    ...flagEach("--cache-to", inputs.cacheTo),
    ...flagGiven("--call", inputs.call),
    ...flagGiven("--cgroup-parent", inputs.cgroupParent),
    ...flagEach("--secret", secrets.environment.flags),
    ...flagGiven("--file", inputs.file),
    ...(writesImageId(inputs, buildx) ? ["--iidfile", files.imageId] : []),
  ];
}

function resultArguments(
  inputs: BuildPushInputs,
  secrets: BuildSecrets,
  surroundings: BuildPushSurroundings & { readonly attests: boolean },
): string[] {
  const { buildx, files } = surroundings;
  return [
    ...flagEach("--label", inputs.labels),
    ...flagEach("--no-cache-filter", inputs.noCacheFilters),
    ...flagEach("--output", inputs.outputs),
    ...flagGiven("--platform", inputs.platforms.join(",")),
    ...flagEach("--attest", surroundings.attests ? planAttestations(inputs, surroundings) : []),
    ...flagEach("--secret", [...secrets.values.flags, ...secrets.files.flags, ...secrets.token.flags]),
    ...flagGiven("--shm-size", inputs.shmSize),
    ...flagEach("--ssh", inputs.ssh),
    ...flagEach("--tag", inputs.tags),
    ...flagGiven("--target", inputs.target),
    ...flagEach("--ulimit", inputs.ulimit),
    ...flagGiven("--builder", inputs.builder),
    ...flagIf("--load", inputs.load),
    ...(isBuildxSince(buildx, "0.6.0") ? ["--metadata-file", files.metadata] : []),
    ...flagGiven("--network", inputs.network),
    ...flagIf("--no-cache", inputs.noCache),
    ...flagIf("--pull", inputs.pull),
    ...flagIf("--push", inputs.push),
  ];
}

function tooOld(what: string, minimum: string, inputs: string): string {
  return `${what} are only supported by buildx >= ${minimum}; the ${inputs} ignored.`;
}

function writesImageId({ outputs, platforms }: BuildPushInputs, buildx: BuildxFacts): boolean {
  if (hasOutputType(outputs, "local") || hasOutputType(outputs, "tar")) return false;
  return platforms.length === 0 || isBuildxSince(buildx, "0.4.2");
}

/**
 * Plans the attestations. The inputs `provenance` and `sbom` override those of `attests`. If neither sets provenance, the default is used, unless the
 * image is loaded.
 */
function planAttestations(
  inputs: BuildPushInputs,
  { run, buildx, leavesOutDefaults }: BuildPushSurroundings,
): string[] {
  const planned: string[] = [];
  if (inputs.provenance !== "") {
    planned.push(attestationAttributes(`type=provenance,${inputs.provenance}`));
  } else {
    const isAsked = inputs.attests.some((attest) => hasType([attest], "provenance"));
    const isLoaded = inputs.load || hasOutputType(inputs.outputs, "docker");
    if (!isAsked && !leavesOutDefaults && attestsByDefault(buildx) && !isLoaded) planned.push(defaultProvenance(run));
  }
  if (inputs.sbom !== "") planned.push(attestationAttributes(`type=sbom,${inputs.sbom}`));
  for (const attest of inputs.attests) {
    const isProvenance = hasType([attest], "provenance");
    const isSbom = hasType([attest], "sbom");
    if (!isProvenance && !isSbom) planned.push(attestationAttributes(attest));
    else if (inputs.provenance === "" && isProvenance) planned.push(withBuilderId(attest, run));
    else if (inputs.sbom === "" && isSbom) planned.push(attest);
  }
  return planned;
}
