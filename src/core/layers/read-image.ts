import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import { readPublishedInputs } from "../../images/published-inputs.ts";
import { type BaseCandidate, findBase } from "../../layers/find-base.ts";
import { type ImageLayer, readImageLayers } from "../../layers/image-layers.ts";
import { type Digest, isDigest } from "../../model/digest.ts";
import type { Inputs } from "../../model/inputs.ts";
import type { LayerBase } from "../../model/layers-document.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { ImageConfig, Manifest } from "../../model/oci.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { parseImageConfig, parseManifest } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { unreadable } from "../../registry/unreadable.ts";

/** One platform's image to look into. */
export interface ImageToRead {
  readonly name: ImageName;
  /** Of the platform's manifest. */
  readonly digest: Digest;
  readonly fingerprint: Fingerprint;
}

/** The layers of an image, and what they start from. */
export interface LayerStack {
  readonly manifest: Manifest;
  readonly layers: readonly ImageLayer[];
  readonly base: LayerBase;
}

/** Reads images by their manifests and configs; each manifest and config is read once. */
export interface ImageReader {
  read(image: ImageToRead): Promise<LayerStack>;
  manifest(image: Pick<ImageToRead, "name" | "digest">): Promise<Manifest>;
}

/** Makes a reader of images for one command. Reads no layer. `services`: those that an image may start from. */
export function makeImageReader(registry: Registry, services: readonly Service[]): ImageReader {
  const manifests = new Map<string, Promise<Manifest>>();
  const candidates = new Map<string, Promise<BaseCandidate>>();
  const manifest: ImageReader["manifest"] = ({ name, digest }) =>
    once(manifests, `${name}@${digest}`, () => readManifest(registry, name, digest));
  const candidate = (origin: BaseOrigin): Promise<BaseCandidate> =>
    once(candidates, `${origin.name}@${origin.digest}`, () => readCandidate(registry, origin));
  return {
    manifest,
    read: async (image) => {
      const { name, fingerprint } = image;
      const [raw, inputs] = await Promise.all([
        manifest(image),
        readPublishedInputs(registry, name, fingerprint).catch(passOver),
      ]);
      const layers = readImageLayers(raw, await readConfig(registry, name, raw));
      return { manifest: raw, layers, base: await readBase(layers, inputs, services, candidate) };
    },
  };
}

function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** An image among a build's inputs. */
interface BaseOrigin {
  readonly reference: string;
  readonly name: ImageName;
  readonly digest: Digest;
}

/** Finds the base among the images that the build's inputs name. Not known where one of them cannot be read and no other fits. */
async function readBase(
  layers: readonly ImageLayer[],
  inputs: Inputs | undefined | string,
  services: readonly Service[],
  candidate: (origin: BaseOrigin) => Promise<BaseCandidate>,
): Promise<LayerBase> {
  if (inputs === undefined) return { kind: "unknown", because: "the inputs of the image are not stored beside it" };
  if (typeof inputs === "string") return { kind: "unknown", because: inputs };
  const read = await Promise.all(originsOf(inputs, services).map((origin) => candidate(origin).catch(passOver)));
  const known = read.filter((each) => typeof each !== "string");
  const base = findBase(layers, known);
  if (base !== undefined) {
    return { kind: "image", reference: base.reference, digest: base.digest, layers: base.layers.length };
  }
  const fault = read.find((each) => typeof each === "string");
  return fault === undefined ? { kind: "none" } : { kind: "unknown", because: fault };
}

/** The message of a fault that leaves one fact unknown. */
function passOver(error: unknown): string {
  if (isInterruption(error)) throw error;
  return errorMessage(error);
}

function originsOf({ bases, contexts }: Inputs, services: readonly Service[]): BaseOrigin[] {
  const images = [
    ...bases.map(({ reference, digest }) => ({ reference, digest })),
    ...contexts.flatMap(({ kind, of, digest }) => {
      if (kind === "image") return [{ reference: of, digest }];
      const service = kind === "service" ? services.find(({ name }) => name === of) : undefined;
      return service === undefined ? [] : [{ reference: service.images[0], digest }];
    }),
  ];
  return images.flatMap(({ reference, digest }) => {
    const name = parseReference(reference)?.name;
    return name === undefined || digest === null || !isDigest(digest) ? [] : [{ reference, name, digest }];
  });
}

async function readCandidate(registry: Registry, { reference, name, digest }: BaseOrigin): Promise<BaseCandidate> {
  const manifest = await readManifest(registry.mirrored, name, digest);
  const config = await readConfig(registry.mirrored, name, manifest);
  return { reference, digest, layers: readImageLayers(manifest, config) };
}

async function readManifest(
  registry: Pick<Registry, "getManifest">,
  name: ImageName,
  digest: Digest,
): Promise<Manifest> {
  const raw = await registry.getManifest(name, digest);
  if (raw === undefined) {
    throw new SlipwayError(
      "content-missing",
      `reading the layers of ${name}@${digest}: the registry has no such image`,
      {
        hint: "the image was deleted; `slipway status` shows the releases that are there",
      },
    );
  }
  const manifest = parseManifest(raw.bytes);
  if (manifest === undefined) throw unreadable(`reading the layers of ${name}@${digest}`, "image manifest", raw.bytes);
  return manifest;
}

async function readConfig(
  registry: Pick<Registry, "getBlob">,
  name: ImageName,
  { config }: Manifest,
): Promise<ImageConfig> {
  const bytes = await registry.getBlob(name, config);
  const parsed = parseImageConfig(bytes);
  if (parsed !== undefined) return parsed;
  throw unreadable(`reading the layers of ${name}: ${config.digest}`, "image configuration", bytes);
}
