import { errorMessage, isInterruption } from "../../errors.ts";
import { readSboms, type StoredSbom } from "../../images/sbom-document.ts";
import type { Digest } from "../../model/digest.ts";
import type { LayerBase } from "../../model/layers-document.ts";
import type { Platform } from "../../model/platform.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import type { ReleasedPlatform, ReleasedService, ReleaseManifest } from "../../model/release.ts";
import type { SbomPackage } from "../../model/sbom-document.ts";
import type { Registry } from "../../registry/registry.ts";
import { parseIndex } from "../../registry/content.ts";
import { readSpdx, type Sbom } from "../../sbom/read-spdx.ts";
import { readSbomStatement } from "../../sbom/read-statement.ts";
import { splitByBase } from "../../sbom/compare-packages.ts";
import type { ImageReader } from "../layers/read-image.ts";

/** An SBOM that was read from a registry. */
export interface ReadSbom {
  readonly sbom: Sbom;
  /** Digest of the statement. */
  readonly statement: Digest;
  /** The SPDX document itself. */
  readonly document: unknown;
}

/** One platform of a service as a release ships it. */
export interface ShippedPlatform {
  readonly released: ReleasedService;
  readonly manifest: ReleaseManifest;
  readonly platform: ReleasedPlatform;
}

/** The packages of a shipped image, those of its base apart where they are known. */
export interface ShippedPackages {
  readonly read: ReadSbom;
  readonly base: BaseSplit;
}

/** The base's part of an image's packages. `because`: why it is not known; undefined: the image has no base. */
export type BaseSplit =
  | {
      readonly kind: "known";
      readonly reference: string;
      readonly base: readonly SbomPackage[];
      readonly service: readonly SbomPackage[];
    }
  | { readonly kind: "unknown"; readonly because: string }
  | { readonly kind: "none" };

/** Reads the SBOM of one platform's image in an index; a text: why there is none. */
async function readSbom(
  registry: Pick<Registry, "getManifest" | "getBlob">,
  image: { readonly name: ImageName; readonly digest: string; readonly platform: Platform },
): Promise<ReadSbom | string> {
  const stored = await readSboms(registry, image);
  if (stored.length === 0) return "no SBOM is attached to the image";
  const read = stored.map(readStored);
  const found = read.filter((each) => typeof each !== "string");
  // BuildKit's scanner writes further documents, `sbom-NAME`, for build stages that ask to be scanned.
  return (
    found.find(({ sbom }) => sbom.name === "sbom") ?? found[0] ?? read.find((each) => typeof each === "string") ?? ""
  );
}

function readStored({ digest, bytes }: StoredSbom): ReadSbom | string {
  const statement = readSbomStatement(bytes);
  if (typeof statement === "string") return statement;
  const sbom = readSpdx(statement.document);
  return typeof sbom === "string" ? sbom : { sbom, statement: digest, document: statement.document };
}

/** Reads the packages of a shipped image; a text: why it has no SBOM. The base's part is read only if its SBOM can be had. */
export async function readShippedPackages(
  registry: Registry,
  images: ImageReader,
  { released, manifest, platform: { platform, digest, fingerprint } }: ShippedPlatform,
): Promise<ShippedPackages | string> {
  const [name] = released.images;
  const [read, stack] = await Promise.all([
    readSbom(registry, { name, digest: released.digest, platform }),
    images.read({ name, digest, fingerprint }).catch(unknownBase),
  ]);
  if (typeof read === "string") return read;
  return { read, base: await splitBase(registry, { read, platform, manifest, base: stack.base }) };
}

function unknownBase(error: unknown): { readonly base: LayerBase } {
  if (isInterruption(error)) throw error;
  return { base: { kind: "unknown", because: errorMessage(error) } };
}

interface BaseQuestion {
  readonly read: ReadSbom;
  readonly platform: Platform;
  /** Release that ships the image. A base that is a service of it is looked up there. */
  readonly manifest: ReleaseManifest;
  readonly base: LayerBase;
}

async function splitBase(registry: Registry, { read, platform, manifest, base }: BaseQuestion): Promise<BaseSplit> {
  if (base.kind !== "image") return base;
  const found = await readBaseSbom(registry, { platform, manifest, base }).catch((error: unknown) => {
    if (isInterruption(error)) throw error;
    return errorMessage(error);
  });
  if (typeof found === "string") return { kind: "unknown", because: `${base.reference}: ${found}` };
  const split = splitByBase(read.sbom.packages, found.sbom.packages);
  return { kind: "known", reference: base.reference, ...split };
}

/** Reads the SBOM of a base image from the index that its tag points at, or from that of the service whose image it is. */
async function readBaseSbom(
  registry: Registry,
  { platform, manifest, base }: Omit<BaseQuestion, "read"> & { readonly base: Extract<LayerBase, { kind: "image" }> },
): Promise<ReadSbom | string> {
  const reference = parseReference(base.reference);
  if (reference === undefined) return "it is no image name";
  const { name } = reference;
  const own = manifest.services.find(({ images }) => images.includes(name));
  const from = own === undefined ? registry.mirrored : registry;
  const at = own?.digest ?? reference.digest ?? reference.tag ?? "latest";
  const top = await from.getManifest(name, at);
  const isListed = parseIndex(top?.bytes ?? new Uint8Array())?.manifests.some(({ digest }) => digest === base.digest);
  if (isListed !== true) return "its name points at another image by now";
  return readSbom(from, { name, digest: at, platform });
}
