import { hasKind, SlipwayError } from "../../errors.ts";
import { compareVersions, parseVersion } from "../../formats/semver.ts";
import type { Host } from "../../host.ts";
import { type Builder, inspectBuilderAsIs } from "../../buildkit/builder.ts";
import { namedBuildxVersion, runBuildx } from "../../buildkit/buildx.ts";

/** Facts about buildx by which docker's actions choose its arguments. */
export interface BuildxFacts {
  /** Version of buildx: `0.31.0`, or the commit from which it was built. */
  readonly version: string;
  readonly builder: Pick<Builder, "name" | "driver" | "endpoint" | "nodeVersions">;
}

/** Queries buildx for its version and the builder; empty `name`: the selected builder. Throws `builder-unavailable` without buildx. */
export async function readBuildxFacts(host: Host, name: string): Promise<BuildxFacts> {
  const version = await readBuildxVersion(host);
  return { version, builder: await inspectBuilderAsIs(host, name === "" ? undefined : name) };
}

/** Queries buildx for its version. Throws `builder-unavailable` without buildx. */
export async function readBuildxVersion(host: Host): Promise<string> {
  try {
    const named = versionIn(` ${(await namedBuildxVersion(host)) ?? ""}`);
    if (named !== undefined) return named;
    const { exitCode, stdout } = await runBuildx(host, ["version"]);
    const version = versionIn(new TextDecoder().decode(stdout).trim());
    if (exitCode === 0 && version !== undefined) return version;
  } catch (error) {
    if (!hasKind(error, "program-unavailable")) throw error;
  }
  throw new SlipwayError("builder-unavailable", "Docker buildx is required.", {
    hint: "set it up before this step: https://github.com/docker/setup-buildx-action",
  });
}

/** The version in what `docker buildx version` prints, or the commit that it was built from. Source: docker's toolkit, buildx.ts. */
function versionIn(text: string): string | undefined {
  return /\sv?([0-9a-f]{7}|[0-9.]+)/.exec(text)?.[1];
}

/** Whether this buildx is at least as new as `minimum`. A buildx that was built from a commit counts as new. */
export function isBuildxSince({ version }: Pick<BuildxFacts, "version">, minimum: string): boolean {
  return /^[0-9a-f]{7}$/.test(version) || isVersionSince(version, minimum);
}

/** Whether BuildKit attests by default on every node: its version is 0.11 or later, and in Docker's engine it ends with `-moby`. */
export function attestsByDefault({ builder: { driver, nodeVersions } }: BuildxFacts): boolean {
  return nodeVersions.every((version) => {
    if (version === undefined || (driver === "docker" && !version.endsWith("-moby"))) return false;
    return isVersionSince(version.replace(/-moby$/, ""), "0.11.0");
  });
}

/** Compares versions; pre-releases never match, as in the ranges of npm's `semver`. */
function isVersionSince(text: string, minimum: string): boolean {
  const version = parseVersion(text.replace(/^v/, ""));
  const least = parseVersion(minimum);
  if (version === undefined || least === undefined || version.prerelease.length > 0) return false;
  return compareVersions(version, least) >= 0;
}
