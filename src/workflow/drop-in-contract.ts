import type { ActionInput } from "./action-contract.ts";

/** Returns an input that docker's action has, too; most have an empty default. */
function docker(description: string, fallback = ""): ActionInput {
  return { description, required: false, fallback };
}

const token = "${{ github.token }}";

/** Inputs of docker/build-push-action v7, with its names and defaults, as recorded in `test/docker-actions/facts/build-push.json`. */
export const buildPushActionInputs = {
  "add-hosts": docker("Further hosts for `RUN`, such as `docker:10.180.0.1`."),
  allow: docker("Entitlements that the build may use, such as `network.host`."),
  annotations: docker("Annotations of the image, a line each."),
  attests: docker("Attestations, a line each, such as `type=sbom,generator=IMAGE`."),
  "build-args": docker("Build args, a line each: `NAME=value`."),
  "build-contexts": docker("Named contexts, a line each: `name=path`."),
  builder: docker("The builder of buildx."),
  "cache-from": docker("Caches to read, a line each."),
  "cache-to": docker("Caches to write, a line each."),
  call: docker("What the frontend is asked for instead of a build, such as `check`."),
  "cgroup-parent": docker("The parent cgroup of `RUN`."),
  context: docker("A folder or an address. Empty: this repository at the run's commit, fetched by BuildKit."),
  file: docker("The Dockerfile. Default: `Dockerfile` in the context."),
  labels: docker("Labels of the image, a line each."),
  load: docker("`true`: the image is loaded into Docker.", "false"),
  network: docker("The network of `RUN`."),
  "no-cache": docker("`true`: everything is built anew.", "false"),
  "no-cache-filters": docker("Stages that are built anew."),
  outputs: docker("Where the result goes, a line each, such as `type=local,dest=path`."),
  platforms: docker("The platforms to build for."),
  provenance: docker("`true`, `false`, or attributes of a provenance attestation."),
  pull: docker("`true`: bases are looked up anew.", "false"),
  push: docker("`true`: the image is pushed.", "false"),
  sbom: docker("`true`, `false`, or attributes of an SBOM attestation."),
  secrets: docker("Secrets, a line each: `id=value`."),
  "secret-envs": docker("Secrets from the environment: `id=VARIABLE`."),
  "secret-files": docker("Secrets from files, a line each: `id=path`."),
  "shm-size": docker("The size of `/dev/shm`, such as `2g`."),
  ssh: docker("Sockets or keys of SSH agents."),
  tags: docker("The image's names with their tags."),
  target: docker("The stage to build."),
  ulimit: docker("Limits of `RUN`, such as `nofile=1024:1024`."),
  "github-token": docker("For a context in a private repository.", token),
} as const satisfies Readonly<Record<string, ActionInput>>;

/** Inputs of docker/bake-action v7, with its names and defaults, as recorded in `test/docker-actions/facts/bake.json`. */
export const bakeActionInputs = {
  builder: docker("The builder of buildx."),
  allow: docker("What the build may use, such as `network.host`."),
  call: docker("What the frontend is asked for instead of a build, such as `check`."),
  files: docker("The definition's files."),
  "no-cache": docker("`true`: everything is built anew.", "false"),
  pull: docker("`true`: bases are looked up anew.", "false"),
  load: docker("`true`: images are loaded into Docker.", "false"),
  provenance: docker("`true`, `false`, or attributes of a provenance attestation."),
  push: docker("`true`: images are pushed.", "false"),
  sbom: docker("`true`, `false`, or attributes of an SBOM attestation."),
  set: docker("Values that override the definition's, a line each: `target.key=value`."),
  source: docker("A folder, or an address. Empty: this repository at the run's commit, fetched by buildx."),
  targets: docker("The targets to build."),
  vars: docker("Variables of the definition, a line each: `NAME=value`."),
  "github-token": docker("For a definition in a private repository.", token),
} as const satisfies Readonly<Record<string, ActionInput>>;

/** Inputs of every drop-in step that docker's actions do not have. By default, the step behaves as docker's action does. */
export const reuseInputs = {
  reuse: {
    description:
      "`on`: an image whose inputs did not change is not built again. `report`: everything is built, and the summary says what would have been reused. `off`: plain builds. The variable `SLIPWAY_REUSE` goes before it.",
    required: false,
    fallback: "on",
  },
  fingerprints: {
    description:
      "Where fingerprints are kept: `same`, tags `fp-…` beside the image; an image name; `off`, nowhere, so that nothing is reused.",
    required: false,
    fallback: "same",
  },
  refresh: {
    description: "Age from which an image is built anew, such as `30d` or `12h`: a `RUN` may have read the network.",
    required: false,
    fallback: "30d",
  },
  bases: {
    description: "`follow`: a base that moved is a reason to build. `hold`: it is none.",
    required: false,
    fallback: "follow",
  },
  stamp: {
    description: "Build args that are as good with any value, such as `GIT_SHA`: no reason to build.",
    required: false,
    fallback: "",
  },
  "protect-tags": {
    description:
      "`true`: a tag that was moved for a later commit stays where it is. Else a warning says so, and it is moved.",
    required: false,
    fallback: "false",
  },
} as const satisfies Readonly<Record<string, ActionInput>>;

const reuseOutputs = {
  reused: "`true` when nothing was built.",
  because: "Why it was built or reused: one line, which names the input.",
} as const;

/** Outputs of the step `build-push`. */
export const buildPushOutputs = {
  imageid: "Image ID.",
  digest: "Digest that the tags point at.",
  metadata: "What buildx says of the build, as JSON.",
  ...reuseOutputs,
  fingerprint: "Digest over everything that decides the image; empty where that is not known.",
} as const;

/** Outputs of the step `bake`. */
export const bakeOutputs = {
  metadata: "What buildx says of the builds, as JSON by target.",
  reused: "`true` when no target was built.",
  because: "JSON: by target, why it was built or reused.",
  fingerprint: "JSON: by target, the digest over everything that decides the image; null where that is not known.",
} as const;
