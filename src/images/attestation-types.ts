import type { Descriptor, RawManifest } from "../model/oci.ts";
import type { ImageDemands } from "../model/published-image.ts";
import type { ImageName } from "../model/reference.ts";
import { readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { isAttestation } from "./service-index.ts";

/** Annotation of a layer that holds a statement. Source: BuildKit, docs/attestations/attestation-storage.md. */
export const predicateAnnotation = "in-toto.io/predicate-type";

/** Names of attestations in buildx, by the prefix of their predicate types. */
const types: Readonly<Record<string, string>> = {
  "https://slsa.dev/provenance/": "provenance",
  "https://spdx.dev/Document": "sbom",
};

/** The types of attestations that every image of a pushed index has, sorted. An unknown predicate type keeps its own name. */
export async function readAttestationTypes(registry: Registry, name: ImageName, raw: RawManifest): Promise<string[]> {
  const manifests = readContent(raw.bytes)?.manifests ?? [];
  const images = manifests.filter((each) => !isAttestation(each)).length;
  const all = await readTypes(registry, name, manifests);
  return [...new Set(all)].filter((type) => all.filter((each) => each === type).length >= images).sort();
}

/** Finds a demanded attestation that is not among an image's manifests, as words for a message; undefined: none is missing. */
export async function findMissingAttestation(
  registry: Registry,
  name: ImageName,
  children: readonly Descriptor[],
  demands: ImageDemands,
): Promise<string | undefined> {
  if (!demands.sbom || (await readTypes(registry, name, children)).includes("sbom")) return undefined;
  return "the required SBOM";
}

/** The types in each of the attestation manifests, one GET a manifest. */
async function readTypes(registry: Registry, name: ImageName, children: readonly Descriptor[]): Promise<string[]> {
  const read = await Promise.all(
    children.filter(isAttestation).map(async ({ digest }) => {
      const manifest = await registry.getManifest(name, digest);
      const layers = manifest === undefined ? [] : (readContent(manifest.bytes)?.layers ?? []);
      return [...new Set(layers.flatMap(({ annotations = {} }) => annotations[predicateAnnotation] ?? []).map(typeOf))];
    }),
  );
  return read.flat();
}

/** Whether a statement with this predicate type is an SBOM. */
export function isSbomPredicate(predicate: string): boolean {
  return typeOf(predicate) === "sbom";
}

function typeOf(predicate: string): string {
  return Object.entries(types).find(([prefix]) => predicate.startsWith(prefix))?.[1] ?? predicate;
}
