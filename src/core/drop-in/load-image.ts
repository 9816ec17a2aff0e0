import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { renderLayoutArchive } from "../../images/layout-archive.ts";
import { isAttestation, platformChildren } from "../../images/service-index.ts";
import type { RecordedPush } from "../../model/build-record.ts";
import type { Descriptor, RawManifest } from "../../model/oci.ts";
import type { Platform } from "../../model/platform.ts";
import { type ImageName, parseReference, renderReference } from "../../model/reference.ts";
import { readContent } from "../../registry/content.ts";
import type { DropInContext } from "./request.ts";

/** A published image, and how the engine's store is to have it. */
export interface ImageToLoad {
  readonly image: RecordedPush;
  /** Its bytes at `image.digest`. */
  readonly raw: RawManifest;
  /** The tags that a build would have given it. */
  readonly references: readonly string[];
  readonly platforms: readonly Platform[];
  /** Whether the store gets all of it, with attestations, so that a `docker push` pushes what is published; else one platform's image alone. */
  readonly isWhole: boolean;
}

/** What the engine's store has. */
export interface LoadEnd {
  /** Its id there. */
  readonly id: string;
  /** The part of the published image that was loaded; undefined: all of it. */
  readonly part: Descriptor | undefined;
}

/** Pulls an image into the engine's store, as a build would have left it there. */
export async function loadImage(
  { host, registry }: Pick<DropInContext, "host" | "registry">,
  { image, raw, references, platforms, isWhole }: ImageToLoad,
): Promise<LoadEnd> {
  const { name, digest } = image;
  const part = isWhole ? undefined : onlyImage(raw, platforms);
  const pinned = `${name}@${part?.digest ?? digest}`;
  for (const platform of platforms) await docker(host, ["pull", "--quiet", "--platform", platform, pinned]);
  for (const reference of references) await docker(host, ["tag", pinned, reference]);
  const id = await docker(host, ["image", "inspect", "--format", "{{.Id}}", pinned]);
  const [first] = references;
  // The classic image store has no attestations.
  if (id === digest && first !== undefined) await loadAttestations({ host, registry }, { name, raw }, first);
  return { id, part };
}

/** The image of the only platform in an index; undefined: there are several, or it is no index. */
function onlyImage(raw: RawManifest, [platform, ...others]: readonly Platform[]): Descriptor | undefined {
  const image = platform === undefined ? undefined : platformChildren(raw, platform)?.children[0];
  return others.length > 0 || image?.digest === raw.digest ? undefined : image;
}

/** Brings the attestations of an index, which no pull of a platform does: without them the engine would push its image alone, under another digest. */
async function loadAttestations(
  { host, registry }: Pick<DropInContext, "host" | "registry">,
  { name, raw }: { readonly name: ImageName; readonly raw: RawManifest },
  reference: string,
): Promise<void> {
  const children = readContent(raw.bytes)?.manifests ?? [];
  if (!children.some(isAttestation)) return;
  const read = await Promise.all(
    children.map(async (child) => {
      const manifest = await registry.getManifest(name, child.digest);
      if (manifest === undefined) throw new SlipwayError("image-gone", `${name}@${child.digest} is not there any more`);
      const { config, layers = [] } = readContent(manifest.bytes) ?? {};
      // The engine has the layers of the image by now; it looks for all manifests and configs in the archive.
      const blobs = [...(config === undefined ? [] : [config]), ...(isAttestation(child) ? layers : [])];
      return [manifest.bytes, ...(await Promise.all(blobs.map((blob) => registry.getBlob(name, blob))))];
    }),
  );
  const { mediaType, digest, bytes } = raw;
  const image = { name: fullName(reference), mediaType, digest, size: bytes.byteLength };
  await docker(host, ["load", "--quiet"], renderLayoutArchive(image, [bytes, ...read.flat()]));
}

/** As containerd names images: with registry and tag. */
function fullName(reference: string): string {
  const parsed = parseReference(reference);
  return parsed === undefined ? reference : renderReference({ tag: "latest", ...parsed });
}

async function docker(host: Host, args: readonly string[], stdin?: Uint8Array): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run("docker", args, stdin === undefined ? {} : { stdin });
  if (exitCode === 0) return new TextDecoder().decode(stdout).trim();
  const said = stderr.trim().split("\n").at(-1) ?? "";
  throw new SlipwayError("docker-failed", `running docker ${args.join(" ")}: ${said}`);
}
