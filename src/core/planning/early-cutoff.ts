import { isInterruption } from "../../errors.ts";
import type { Digest } from "../../model/digest.ts";
import type { Platform } from "../../model/platform.ts";
import { type ImageDemands, noDemands } from "../../model/published-image.ts";
import type { ReleasedService } from "../../model/release.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { parseImageConfig, parseManifest } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { type ImageContent, sameContent } from "../../images/same-content.ts";
import { findMissingAttestation } from "../../images/attestation-types.ts";
import { platformChildren } from "../../images/service-index.ts";
import { demandsOnImage } from "./demands.ts";
import type { ReleaseHistory } from "./release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Early cutoff: returns the service's last release if the built image has the same content. Returns undefined if the released image is
 * incomplete or unreadable, because early cutoff must not make a build fail.
 */
export async function findSame(
  {
    workspace: { registry },
    history,
  }: { readonly workspace: Pick<Workspace, "registry">; readonly history: ReleaseHistory },
  { service, platform }: { readonly service: Service; readonly platform: Platform },
  readBuilt: () => Promise<ImageContent | undefined>,
): Promise<ReleasedService | undefined> {
  const [name] = service.images;
  const before = await history.service(service.name);
  if (before === undefined || !before.released.images.includes(name)) return undefined;
  const [old, now] = await Promise.all([
    readWholeContent(registry, {
      name,
      digest: before.released.digest,
      platform,
      demands: demandsOnImage(service),
    }).catch(passOver),
    readBuilt(),
  ]);
  if (old === undefined || now === undefined || !sameContent(old, now, service.labels)) return undefined;
  return before.released;
}

function passOver(error: unknown): undefined {
  if (isInterruption(error)) throw error;
}

/** One platform's image: `digest` is that of the image manifest, or of an index that lists it. */
interface ContentRequest {
  readonly name: ImageName;
  readonly digest: Digest;
  readonly platform: Platform;
  /** Default: nothing. */
  readonly demands?: ImageDemands;
}

/**
 * Reads the manifest and config of one platform. Undefined if one of them or an attestation is missing or unreadable, or if it lacks what is
 * demanded.
 */
export async function readWholeContent(
  registry: Registry,
  { name, digest, platform, demands = noDemands }: ContentRequest,
): Promise<ImageContent | undefined> {
  const top = await registry.getManifest(name, digest);
  const [image, ...attestations] = (top && platformChildren(top, platform)?.children) ?? [];
  if (top === undefined || image === undefined) return undefined;
  const [raw, ...heads] = await Promise.all([
    image.digest === top.digest ? top : registry.getManifest(name, image.digest),
    ...attestations.map((each) => registry.headManifest(name, each.digest)),
  ]);
  const manifest = raw === undefined ? undefined : parseManifest(raw.bytes);
  if (manifest === undefined || heads.includes(undefined)) return undefined;
  if ((await findMissingAttestation(registry, name, attestations, demands)) !== undefined) return undefined;
  const config = parseImageConfig(await registry.getBlob(name, manifest.config));
  return config === undefined ? undefined : { manifest, config };
}
