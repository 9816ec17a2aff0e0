import { availableParallelism, totalmem } from "node:os";
import type { Builder } from "../../buildkit/builder.ts";
import { defaultParallel } from "../../buildkit/parallel.ts";
import { readGhaAccess } from "../../cache/gha-access.ts";
import type { CacheAvailability } from "../../cache/tiers.ts";
import { type CiRun, kindOfRun, type RunKind } from "../../model/ci-run.ts";
import { insecureRegistries } from "../../registry/endpoint.ts";
import { mayPublish } from "../workspace/may-publish.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Where builds run: the builder, and what CI says of the run. */
export interface BuildEnvironment {
  readonly builder: Builder;
  readonly event: RunKind;
  /** Whether what is built is published under its fingerprint: a pull request never writes where a release reads. */
  readonly publishes: boolean;
  readonly available: CacheAvailability;
  /** Registries, beside loopback, that speak plain HTTP (`SLIPWAY_INSECURE_REGISTRIES`). */
  readonly plainRegistries: ReadonlySet<string>;
  /** Builds at once that suit the machine. */
  readonly parallel: number;
}

/** What the run and the process's environment say beside a builder that answered. */
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
