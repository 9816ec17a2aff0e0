import type { YamlMap } from "../formats/yaml-data.ts";
import type { WorkflowFacts } from "./facts.ts";

const hosted: Readonly<Record<string, string>> = {
  "linux/amd64": "ubuntu-24.04",
  "linux/386": "ubuntu-24.04",
  "linux/arm64": "ubuntu-24.04-arm",
};

/** Whether the workflow runs on GitHub's own runners, unless labels say otherwise. */
function isHosted({ server }: Pick<WorkflowFacts, "server">): boolean {
  return new URL(server).host === "github.com";
}

/** Returns the labels of the runner that builds a platform: one of that architecture, if there is one. */
export function runnerOf(facts: WorkflowFacts, platform: string): string | readonly string[] {
  const given = facts.runners.byPlatform[platform] ?? facts.adopted?.labels[platform];
  if (given !== undefined) return simple(given);
  const architecture = platform.split("/")[1] === "arm64" ? "ARM64" : "X64";
  if (!isHosted(facts)) return ["self-hosted", "linux", architecture];
  return hosted[platform] ?? "ubuntu-24.04";
}

/** Returns the platforms without a runner of their architecture, which are emulated. */
export function emulatedPlatforms(facts: WorkflowFacts): string[] {
  return platformsOf(facts).filter(
    (platform) =>
      hosted[platform] === undefined &&
      facts.runners.byPlatform[platform] === undefined &&
      facts.adopted?.labels[platform] === undefined,
  );
}

/** Returns the map of platforms to labels for the action. */
export function runnerMap(facts: WorkflowFacts): YamlMap {
  return Object.fromEntries(platformsOf(facts).map((platform) => [platform, runnerOf(facts, platform)]));
}

/**
 * Returns the labels of jobs that need no Docker. `ubuntu-slim` is a container with one CPU; it starts sooner and costs less, but its jobs end after
 * 15 minutes.
 */
export function lightRunner(facts: WorkflowFacts): string | readonly string[] {
  if (facts.runners.light !== undefined) return simple(facts.runners.light);
  const needsDocker = facts.plansWithDocker || (facts.adopted?.logins.length ?? 0) > 0;
  const [first = "linux/amd64"] = platformsOf(facts);
  const isOwn = facts.runners.byPlatform[first] !== undefined || facts.adopted?.labels[first] !== undefined;
  if (isOwn || !isHosted(facts)) return runnerOf(facts, first);
  return needsDocker ? "ubuntu-24.04" : "ubuntu-slim";
}

function platformsOf({ services }: WorkflowFacts): string[] {
  return [...new Set(services.flatMap(({ platforms }) => platforms))].sort();
}

function simple(labels: readonly string[]): string | readonly string[] {
  const [first, ...rest] = labels;
  return first !== undefined && rest.length === 0 ? first : labels;
}
