import { availableParallelism, totalmem } from "node:os";
import { type Builder, inspectBuilder } from "../buildkit/builder.ts";
import { defaultParallel } from "../buildkit/parallel.ts";
import type { CacheAvailability, CacheTierRequest } from "../cache/tiers.ts";
import type { Host } from "../host.ts";

/** Where builds run: the builder, and what CI says of the run. */
export interface BuildEnvironment {
  readonly builder: Builder;
  readonly event: CacheTierRequest["event"];
  readonly available: CacheAvailability;
  /** Builds at once that suit the machine. */
  readonly parallel: number;
}

/** Throws `unavailable` when there is no Docker, no buildx, or no engine that answers. */
export async function readEnvironment(host: Host, builderName: string | undefined): Promise<BuildEnvironment> {
  const builder = await inspectBuilder(host, builderName);
  const { env } = host;
  const token = env["GITHUB_TOKEN"];
  const repository = env["GITHUB_REPOSITORY"];
  return {
    builder,
    event: readEvent(host),
    available: {
      gha: Boolean(env["ACTIONS_RESULTS_URL"] && env["ACTIONS_RUNTIME_TOKEN"]),
      registry: true,
      repository: token ? repository : undefined,
    },
    parallel: defaultParallel({ cores: availableParallelism(), memoryBytes: totalmem() }),
  };
}

/** What GitHub Actions says of the run; without it, it is a person's machine. */
function readEvent({ env }: Host): BuildEnvironment["event"] {
  const name = env["GITHUB_EVENT_NAME"];
  if (name === undefined) return "local";
  if (name === "pull_request" || name === "pull_request_target" || name === "merge_group") return "pull-request";
  return env["GITHUB_REF_TYPE"] === "tag" ? "tag" : "trunk";
}
