import { availableParallelism, totalmem } from "node:os";
import { type Builder, inspectBuilder } from "../buildkit/builder.ts";
import { defaultParallel } from "../buildkit/parallel.ts";
import { readGhaAccess } from "../cache/gha-access.ts";
import type { CacheAvailability } from "../cache/tiers.ts";
import type { Host } from "../host.ts";
import { mayPublish, readRunEvent, type RunEvent } from "./run-event.ts";

/** Where builds run: the builder, and what CI says of the run. */
export interface BuildEnvironment {
  readonly builder: Builder;
  readonly event: RunEvent;
  /** Whether what is built is published under its fingerprint: a pull request never writes where a release reads. */
  readonly publishes: boolean;
  readonly available: CacheAvailability;
  /** Builds at once that suit the machine. */
  readonly parallel: number;
}

/** Throws `unavailable` when there is no Docker, no buildx, or no engine that answers. */
export async function readEnvironment(host: Host, builderName: string | undefined): Promise<BuildEnvironment> {
  const builder = await inspectBuilder(host, builderName);
  const { env } = host;
  const event = readRunEvent(env);
  return {
    builder,
    event,
    publishes: mayPublish(env),
    available: {
      gha: readGhaAccess(env),
      registry: true,
      repository: env["GITHUB_TOKEN"] ? env["GITHUB_REPOSITORY"] : undefined,
    },
    parallel: defaultParallel({ cores: availableParallelism(), memoryBytes: totalmem() }),
  };
}
