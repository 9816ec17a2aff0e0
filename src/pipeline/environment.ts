import { availableParallelism, totalmem } from "node:os";
import type { Builder } from "../buildkit/builder.ts";
import { defaultParallel } from "../buildkit/parallel.ts";
import { readGhaAccess } from "../cache/gha-access.ts";
import type { CacheAvailability } from "../cache/tiers.ts";
import type { Host } from "../host.ts";
import type { Trust } from "../model/trust.ts";
import { insecureRegistries } from "../registry/endpoint.ts";
import { mayPublish, readRunEvent, type RunEvent } from "./run-event.ts";

/** Where builds run: the builder, and what CI says of the run. */
export interface BuildEnvironment {
  readonly builder: Builder;
  readonly event: RunEvent;
  /** Whether what is built is published under its fingerprint: a pull request never writes where a release reads. */
  readonly publishes: boolean;
  readonly available: CacheAvailability;
  /** Registries, beside loopback, that speak plain HTTP (`SLIPWAY_INSECURE_REGISTRIES`). */
  readonly plainRegistries: ReadonlySet<string>;
  /** Builds at once that suit the machine. */
  readonly parallel: number;
}

/** What the process's environment says beside a builder that answered. */
export function readEnvironment({ env }: Pick<Host, "env">, builder: Builder, trust: Trust): BuildEnvironment {
  const event = trust.kind === "untrusted" ? "pull-request" : readRunEvent(env);
  return {
    builder,
    event,
    publishes: mayPublish(trust),
    plainRegistries: insecureRegistries(env),
    available: {
      gha: readGhaAccess(env),
      registry: true,
      repository: env["GITHUB_TOKEN"] ? env["GITHUB_REPOSITORY"] : undefined,
    },
    parallel: defaultParallel({ cores: availableParallelism(), memoryBytes: totalmem() }),
  };
}
