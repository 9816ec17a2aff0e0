import { errorMessage, isInterruption } from "../../errors.ts";
import type { ReleasedService, ReleaseManifest } from "../../model/release.ts";
import type { ServicePackages } from "../../notes/package-changes.ts";
import { makeImageReader } from "../layers/read-image.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { changesBetween } from "./sbom-command.ts";
import { readShippedPackages, type ShippedPlatform } from "./sbom-reader.ts";

/**
 * Reads how the packages of images changed since an earlier release: of each service whose first platform has other content, and an SBOM.
 * An SBOM that cannot be read is left out, with a warning, because a release must not fail for its notes.
 */
export async function readReleasePackages(
  workspace: Workspace,
  manifest: ReleaseManifest,
  before: ReleaseManifest | undefined,
): Promise<ServicePackages[]> {
  if (before === undefined) return [];
  const read = await Promise.all(
    manifest.services.map(async (released) => {
      const old = before.services.find(({ service }) => service === released.service);
      const [now, earlier] = [firstOf(released, manifest), old === undefined ? undefined : firstOf(old, before)];
      if (now === undefined || earlier === undefined || now.platform.digest === earlier.platform.digest) return [];
      return readOne(workspace, now, earlier);
    }),
  );
  return read.flat();
}

function firstOf(released: ReleasedService, manifest: ReleaseManifest): ShippedPlatform | undefined {
  const [platform] = released.platforms;
  return platform === undefined ? undefined : { released, manifest, platform };
}

async function readOne(
  { registry, project, emit }: Workspace,
  now: ShippedPlatform,
  earlier: ShippedPlatform,
): Promise<ServicePackages[]> {
  const { service } = now.released;
  const { platform } = now.platform;
  try {
    const images = makeImageReader(registry, project.services);
    const [after, before] = await Promise.all([
      readShippedPackages(registry, images, now),
      readShippedPackages(registry, images, earlier),
    ]);
    if (typeof after === "string") return [];
    const changes = typeof before === "string" ? null : changesBetween(before, after);
    return [{ service, platform, packages: after.read.sbom.packages.length, changes }];
  } catch (error) {
    if (isInterruption(error)) throw error;
    emit({
      kind: "warning",
      message: `the packages of ${service} ${platform} are not in the notes: ${errorMessage(error)}`,
      service,
    });
    return [];
  }
}
