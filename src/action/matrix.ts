import type { Platform } from "../model/platform.ts";
import { parsePlatform } from "../model/platform.ts";
import type { MatrixEntry } from "../core/planning/parts.ts";
import { matrixOutput } from "../workflow/action-contract.ts";
import type { RunnerMap } from "./inputs.ts";

/** Makes a plan's outputs for matrix jobs, by name: `include` lists as JSON. */
export function makeMatrixOutputs(
  matrices: readonly (readonly MatrixEntry[])[],
  runners: RunnerMap,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    matrices.map((entries, index) => [
      matrixOutput(index + 1),
      JSON.stringify(entries.map((entry) => ({ ...entry, runner: labelsFor(entry.platform, runners) }))),
    ]),
  );
}

/** Returns the runner labels for a platform. A platform without labels uses those of the first one, where it is emulated. */
function labelsFor(platform: Platform, runners: RunnerMap): string | readonly string[] {
  return runners[platform] ?? runners["linux/amd64"] ?? Object.values(runners)[0] ?? "ubuntu-24.04";
}

/**
 * Returns the platform of the machine that builds, judging by its runner's labels: `ubuntu-24.04-arm`, `ARM64`. A build that runs programs of the
 * machine itself (`FROM --platform=$BUILDPLATFORM`) depends on it.
 */
export function machineOf(platform: Platform, runners: RunnerMap): Platform | undefined {
  const labels = [labelsFor(platform, runners)].flat();
  const isArm = labels.some((label) => /(?:^|[-_.])(?:arm|arm64|aarch64)(?:$|[-_.])/i.test(label));
  return parsePlatform(isArm ? "linux/arm64" : "linux/amd64");
}
