import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import { readContent } from "../registry/content.ts";
import type { Registry } from "../registry/registry.ts";
import { isAttestation } from "./service-index.ts";

/** Annotation of a layer that holds a statement. Source: BuildKit, docs/attestations/attestation-storage.md. */
const predicateAnnotation = "in-toto.io/predicate-type";

/** Names of attestations in buildx, by the prefix of their predicate types. */
const types: Readonly<Record<string, string>> = {
  "https://slsa.dev/provenance/": "provenance",
  "https://spdx.dev/Document": "sbom",
};

/** The types of attestations that every image of a pushed index has, sorted. An unknown predicate type keeps its own name. */
export async function readAttestationTypes(registry: Registry, name: ImageName, raw: RawManifest): Promise<string[]> {
  const manifests = readContent(raw.bytes)?.manifests ?? [];
  const images = manifests.filter((each) => !isAttestation(each)).length;
  const read = await Promise.all(
    manifests.filter(isAttestation).map(async ({ digest }) => {
      const manifest = await registry.getManifest(name, digest);
      const layers = manifest === undefined ? [] : (readContent(manifest.bytes)?.layers ?? []);
      const predicates = layers.flatMap(({ annotations = {} }) => annotations[predicateAnnotation] ?? []);
      return [...new Set(predicates.map(typeOf))];
    }),
  );
  const all = read.flat();
  return [...new Set(all)].filter((type) => all.filter((each) => each === type).length >= images).sort();
}

function typeOf(predicate: string): string {
  return Object.entries(types).find(([prefix]) => predicate.startsWith(prefix))?.[1] ?? predicate;
}
