import { SlipwayError } from "../../errors.ts";
import { defaultProvenance } from "../drop-in/attestations.ts";
import { attestsByDefault, type BuildxFacts, isBuildxSince } from "../drop-in/buildx-facts.ts";
import type { DockerRun } from "../drop-in/docker-run.ts";
import { flagEach, flagGiven, flagIf } from "../drop-in/flags.ts";
import type { BakeDefinition } from "../../invocation/bake-target.ts";
import { isAnyLoaded, targetsWithoutProvenance } from "./definition.ts";
import { type BakeInputs, isRemoteSource } from "./inputs.ts";

/** Values other than the inputs that the arguments depend on. */
export interface BakeSurroundings {
  readonly run: DockerRun;
  readonly buildx: BuildxFacts;
  /** Whether default attestations are omitted. */
  readonly leavesOutDefaults: boolean;
  /** Definition before attestations are added. */
  readonly definition: BakeDefinition;
  /** Path of buildx's metadata file. */
  readonly metadata: string;
}

/** Makes the arguments by which bake-action prints the definition, before it decides on attestations. Throws `option-invalid` for two addresses. */
export function makePrintArguments(inputs: BakeInputs): string[] {
  const { source } = inputs;
  const sources = [...inputs.files, ...(source.kind === "address" ? [source.url] : [])];
  const [address, ...others] = sources.filter(isRemoteSource);
  if (others.length > 0) throw new SlipwayError("option-invalid", "Only one remote bake definition can be defined");
  return [
    "bake",
    ...(address === undefined ? [] : [address]),
    ...flagEach(
      "--file",
      sources.filter((name) => !isRemoteSource(name)),
    ),
    ...flagEach("--set", inputs.set),
    ...flagEach("--var", inputs.vars),
    ...flagEach("--allow", inputs.allow),
    ...flagIf("--load", inputs.load),
    ...flagIf("--no-cache", inputs.noCache),
    ...flagGiven("--provenance", inputs.provenance),
    ...flagIf("--push", inputs.push),
    ...flagGiven("--sbom", inputs.sbom),
    "--print",
    ...inputs.targets,
  ];
}

/**
 * Makes the arguments that bake-action passes to `docker buildx`, in its order, up to the targets; `test/docker-actions` compares both. Throws
 * `option-invalid` for inputs that this buildx does not support.
 */
export function makeBakeArguments(inputs: BakeInputs, surroundings: BakeSurroundings): string[] {
  const { buildx, metadata } = surroundings;
  const since = (minimum: string): boolean => isBuildxSince(buildx, minimum);
  const { source } = inputs;
  if (inputs.call !== "" && !since("0.16.0")) throw tooOld("0.16.0", "call");
  if (inputs.vars.length > 0 && !since("0.31.0")) throw tooOld("0.31.0", "vars");
  // Bake asks for permission to read files outside of its folder; the action grants it in advance.
  const allow = since("0.18.0") ? [...inputs.allow, "fs=*"] : inputs.allow;
  return [
    "bake",
    ...(source.kind === "address" ? [source.url] : []),
    ...flagEach("--allow", since("0.17.0") ? allow : []),
    ...flagGiven("--call", inputs.call),
    ...flagEach("--file", inputs.files),
    ...flagEach("--set", inputs.set),
    ...flagEach("--var", inputs.vars),
    ...(since("0.6.0") ? ["--metadata-file", metadata] : []),
    ...(since("0.10.0") ? attestationArguments(inputs, surroundings) : []),
    ...flagIf("--no-cache", inputs.noCache),
    ...flagGiven("--builder", inputs.builder),
    ...flagIf("--pull", inputs.pull),
    ...flagIf("--load", inputs.load),
    ...flagIf("--push", inputs.push),
  ];
}

function attestationArguments(inputs: BakeInputs, surroundings: BakeSurroundings): string[] {
  const { run, buildx, leavesOutDefaults, definition } = surroundings;
  const isDefault =
    inputs.provenance === "" &&
    !leavesOutDefaults &&
    attestsByDefault(buildx) &&
    !inputs.load &&
    !isAnyLoaded(definition);
  const targets = isDefault ? targetsWithoutProvenance(definition) : [];
  return [
    ...flagGiven("--provenance", inputs.provenance),
    ...flagEach(
      "--set",
      targets.map((name) => `${name}.attest=${defaultProvenance(run)}`),
    ),
    ...flagGiven("--sbom", inputs.sbom),
  ];
}

function tooOld(minimum: string, input: string): SlipwayError {
  return new SlipwayError("option-invalid", `Buildx >= ${minimum} is required to use the ${input} input.`);
}
