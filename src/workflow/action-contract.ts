/** Input of the action. `fallback`: its value if a workflow does not set it. */
export interface ActionInput {
  readonly description: string;
  readonly required: boolean;
  readonly fallback: string;
}

/** Values of the input `command`. */
export const actionCommands = ["plan", "build", "release"] as const;

/**
 * Inputs of the action, as workflows write them and `action.yml` declares them. Lists are separated by spaces or lines; an empty text counts as not
 * set.
 */
export const actionInputs = {
  command: {
    description: "`plan`: what would be built. `build`: one part of it. `release`: commit and promote.",
    required: true,
    fallback: "",
  },
  jobs: {
    description:
      "`matrix`: other jobs build, and this one needs no Docker. `single`: a release plans, builds and promotes in this job.",
    required: false,
    fallback: "single",
  },
  services: { description: "Only these services, and what they need.", required: false, fallback: "" },
  platform: { description: "Only this platform; for `build`.", required: false, fallback: "" },
  "plan-digest": {
    description:
      "The output `plan-digest` of the run's `plan`, for `build` and `release`: they refuse a plan with other bytes.",
    required: false,
    fallback: "",
  },
  force: { description: "`true`, or services: build them though nothing changed.", required: false, fallback: "" },
  release: {
    description:
      "`true` or `false`: whether a run that was asked for by hand or by another workflow is released. Pushes to trunk and of version tags always are, pull requests never.",
    required: false,
    fallback: "",
  },
  version: {
    description: "The version to release, such as 1.2.0; without it, that of the pushed tag.",
    required: false,
    fallback: "",
  },
  "version-from": {
    description: "As `--version-from` of the command line: tag, file, commits, or a file. Default: as configured.",
    required: false,
    fallback: "",
  },
  shadow: {
    description: "`true`: build, move no tag, and compare with the images that the tags name.",
    required: false,
    fallback: "",
  },
  "matrix-jobs": {
    description: "How many matrix jobs there are, a number for each round of services that wait for each other.",
    required: false,
    fallback: "1",
  },
  runners: {
    description: "A JSON map of platforms to runner labels, for the matrix.",
    required: false,
    fallback: '{"linux/amd64":"ubuntu-24.04","linux/arm64":"ubuntu-24.04-arm"}',
  },
  registries: {
    description: "Registries to log in to, a line each: HOST USER PASSWORD. ghcr.io needs none.",
    required: false,
    fallback: "",
  },
  config: { description: "The configuration file.", required: false, fallback: "" },
  untrusted: {
    description:
      "`true`: what is checked out gets nothing of the runner, as in a pull request, where it is always so (docs/threat-model.md).",
    required: false,
    fallback: "",
  },
  "allow-dirty": {
    description:
      "`true`: a release takes the files as steps before it left them. Without it, changed files that are not committed make it refuse.",
    required: false,
    fallback: "",
  },
  cache: { description: "As `--cache` of the command line.", required: false, fallback: "" },
  "github-token": {
    description: "For GitHub, ghcr.io and git's own fetches of this repository.",
    required: false,
    fallback: "${{ github.token }}",
  },
} as const satisfies Readonly<Record<string, ActionInput>>;

/** The name of an input of the action. */
export type ActionInputName = keyof typeof actionInputs;

/** Outputs of the action, by name. Further matrix jobs read `matrix-2`, `matrix-3`, …: see `matrixOutput`. */
export const actionOutputs = {
  matrix:
    "Of `plan`: the `include` list of the first matrix job, as JSON; `[]` when nothing is to be built. Entries have `service`, `platform`, `runner`.",
  release: "Of `plan`: `true` when this run is to be released.",
  "plan-digest":
    "Of `plan`: the digest (`sha256:…`) of the plan that it stored for the run's other jobs; they take it as an input.",
  version: "The version that is released; empty for a branch.",
  digests: "Of `release`: a JSON map of services to the digests of their images.",
  images: "Of `release`: a JSON map of services to `name@sha256:…`.",
} as const;

/** Limit of jobs in one matrix, set by GitHub. */
export const matrixLimit = 256;

/** Returns the name of the output with the matrix of the n-th matrix job, counted from 1. */
export function matrixOutput(index: number): string {
  return index === 1 ? "matrix" : `matrix-${index}`;
}
