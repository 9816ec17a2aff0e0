import type { Host } from "../../host.ts";
import { provenanceAttributes } from "../drop-in/attestations.ts";
import type { DockerRun } from "../drop-in/docker-run.ts";
import { fillTemplate } from "../drop-in/fill-template.ts";
import { makeStepValues } from "../drop-in/step-values.ts";

/** Inputs of build-push-action, as it reads them; those that are not set are empty. */
export interface BuildPushInputs {
  readonly addHosts: readonly string[];
  readonly allow: readonly string[];
  readonly annotations: readonly string[];
  readonly attests: readonly string[];
  readonly buildArgs: readonly string[];
  readonly buildContexts: readonly string[];
  readonly builder: string;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly call: string;
  readonly cgroupParent: string;
  readonly context: string;
  /** Whether `context` is the run's own repository or a folder of it, which BuildKit fetches. */
  readonly isOwnRepository: boolean;
  readonly file: string;
  readonly labels: readonly string[];
  readonly load: boolean;
  readonly network: string;
  readonly noCache: boolean;
  readonly noCacheFilters: readonly string[];
  readonly outputs: readonly string[];
  readonly platforms: readonly string[];
  readonly provenance: string;
  readonly pull: boolean;
  readonly push: boolean;
  readonly sbom: string;
  /** Secrets as `id=value`; the values must not be logged. */
  readonly secrets: readonly string[];
  readonly secretEnvs: readonly string[];
  readonly secretFiles: readonly string[];
  readonly shmSize: string;
  readonly ssh: readonly string[];
  readonly tags: readonly string[];
  readonly target: string;
  readonly ulimit: readonly string[];
  readonly token: string;
}

/** Reads the inputs as build-push-action does. `defaultContext`: the run's own repository. Throws `option-invalid` for the first invalid input. */
export async function readBuildPushInputs(
  env: Host["env"],
  run: DockerRun,
  defaultContext: string,
): Promise<BuildPushInputs> {
  const { text, flag, list } = makeStepValues(env);
  const lines = (name: string): readonly string[] => list(name, { byLines: true });
  const context = (await fillTemplate(text("context"), defaultContext)) || defaultContext;
  return {
    addHosts: list("add-hosts"),
    allow: list("allow"),
    annotations: lines("annotations"),
    attests: lines("attests"),
    buildArgs: lines("build-args"),
    buildContexts: await Promise.all(lines("build-contexts").map((each) => fillTemplate(each, defaultContext))),
    builder: text("builder"),
    cacheFrom: lines("cache-from"),
    cacheTo: lines("cache-to"),
    call: text("call"),
    cgroupParent: text("cgroup-parent"),
    context,
    isOwnRepository: context.startsWith(defaultContext),
    file: text("file"),
    labels: lines("labels"),
    load: flag("load"),
    network: text("network"),
    noCache: flag("no-cache"),
    noCacheFilters: list("no-cache-filters"),
    outputs: list("outputs", { byLines: true, keepsQuotes: true }),
    platforms: list("platforms"),
    provenance: provenanceAttributes(text("provenance"), run),
    pull: flag("pull"),
    push: flag("push"),
    sbom: text("sbom"),
    secrets: list("secrets", { byLines: true, keepsSpace: true }),
    secretEnvs: list("secret-envs"),
    secretFiles: lines("secret-files"),
    shmSize: text("shm-size"),
    ssh: list("ssh"),
    tags: list("tags"),
    target: text("target"),
    ulimit: lines("ulimit"),
    token: text("github-token"),
  };
}
