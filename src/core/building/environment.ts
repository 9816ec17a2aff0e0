import { availableParallelism, totalmem } from "node:os";
import type { Builder } from "../../buildkit/builder.ts";
import { defaultParallel } from "../../buildkit/parallel.ts";
import { readGhaAccess } from "../../cache/gha-access.ts";
import type { CacheAvailability } from "../../cache/tiers.ts";
import { type CiRun, kindOfRun, type RunKind } from "../../model/ci-run.ts";
import { insecureRegistries } from "../../registry/endpoint.ts";
import { mayPublish } from "../workspace/may-publish.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The environment of builds: the builder, and the event and caches of the CI run. */
export interface BuildEnvironment {
  readonly builder: Builder;
  readonly event: RunKind;
  /** Whether built images are published under their fingerprints. A pull request never writes where a release reads. */
  readonly publishes: boolean;
  readonly available: CacheAvailability;
  /** Registries besides loopback that speak plain HTTP (`SLIPWAY_INSECURE_REGISTRIES`). */
  readonly plainRegistries: ReadonlySet<string>;
  /** Number of parallel solves that suits this machine's cores and memory. */
  readonly parallel: number;
}

/** Derives the build environment of an inspected builder from the CI run, the tokens and the process environment. */
export function readEnvironment({ host: { env }, ci, tokens, trust }: Workspace, builder: Builder): BuildEnvironment {
  const event = trust.kind === "untrusted" ? "pull-request" : kindOfRun(ci);
  return {
    builder,
    event,
    publishes: mayPublish(trust),
    plainRegistries: insecureRegistries(env),
    available: {
      gha: readGhaAccess(ci, tokens),
      registry: true,
      repository: tokens.job === undefined ? undefined : slugOf(ci),
    },
    parallel: defaultParallel({ cores: availableParallelism(), memoryBytes: totalmem() }),
  };
}

function slugOf({ repository }: CiRun): string | undefined {
  return repository === undefined ? undefined : `${repository.owner}/${repository.name}`;
}
