import { errorMessage, hasKind, isInterruption } from "../../errors.ts";
import { imageSize } from "../../images/service-index.ts";
import type { Manifest } from "../../model/oci.ts";
import type { Platform } from "../../model/platform.ts";
import type { ReleasedService, ReleaseManifest } from "../../model/release.ts";
import type { ServiceGrowth } from "../../notes/size-growth.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { makeGrowth } from "./image-growth.ts";
import { type ImageReader, makeImageReader } from "./read-image.ts";
import { nameOfManifest } from "./shipped.ts";

/**
 * Reads how images changed since an earlier release, by layer and instruction: those that are in both, with other content. An image that
 * cannot be read is left out, with a warning, because a release must not fail for its notes.
 */
export async function readReleaseGrowth(
  workspace: Workspace,
  services: readonly Pick<ReleasedService, "service" | "images" | "platforms">[],
  before: ReleaseManifest | undefined,
): Promise<ServiceGrowth[]> {
  if (before === undefined) return [];
  const { registry, project, emit } = workspace;
  const reader = makeImageReader(registry, project.services);
  const changed = services.flatMap((released) =>
    released.platforms.map((platform) => ({ released, platform, old: findOld(before, released.service, platform) })),
  );
  const read = await Promise.all(
    changed.map(async ({ released, platform, old }): Promise<ServiceGrowth[]> => {
      if (old === undefined || old.digest === platform.digest) return [];
      const { service, images } = released;
      try {
        const image = await reader.read({ ...platform, name: images[0] });
        const earlier = {
          since: nameOfManifest(before),
          image: await reader.read(old),
          all: await readAll(reader, before, platform.platform),
        };
        const size = imageSize(image.manifest);
        return [{ service, platform: platform.platform, size, growth: makeGrowth(image, earlier) }];
      } catch (error) {
        if (isInterruption(error)) throw error;
        const message = `how ${service} ${platform.platform} grew is not known: ${errorMessage(error)}`;
        emit({ kind: "warning", message });
        return [];
      }
    }),
  );
  return read.flat();
}

type OldImage = ReleasedService["platforms"][number] & { readonly name: ReleasedService["images"][0] };

function findOld(
  before: ReleaseManifest,
  service: string,
  { platform }: { readonly platform: Platform },
): OldImage | undefined {
  const released = before.services.find((each) => each.service === service);
  const old = released?.platforms.find((each) => each.platform === platform);
  return released === undefined || old === undefined ? undefined : { ...old, name: released.images[0] };
}

/**
 * Manifests of all services of a release on one platform. Without those that are gone: what a node with that release must pull is then no
 * more than what is computed from the others.
 */
export async function readAll(
  reader: ImageReader,
  { services }: ReleaseManifest,
  platform: Platform,
): Promise<Manifest[]> {
  const images = services.flatMap(({ images: [name], platforms }) =>
    platforms.filter((each) => each.platform === platform).map(({ digest }) => ({ name, digest })),
  );
  const read = await Promise.all(
    images.map((image) =>
      reader.manifest(image).catch((error: unknown) => {
        if (!hasKind(error, "content-missing")) throw error;
      }),
    ),
  );
  return read.flatMap((manifest) => manifest ?? []);
}
