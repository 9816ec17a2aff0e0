import { ComponentType, HashAlgorithm } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  Component,
  LicenseExpression,
  NamedLicense,
  SpdxLicense,
  Tool,
} from "@cyclonedx/cyclonedx-library/Models";
import { JSON as Json, JsonSerializer } from "@cyclonedx/cyclonedx-library/Serialize";
import { Spec1dot6 } from "@cyclonedx/cyclonedx-library/Spec";
import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import type { SbomPackage } from "../model/sbom-document.ts";

/** Facts for a CycloneDX document. */
export interface CycloneDxFacts {
  /** `name@digest` of the image. */
  readonly image: string;
  /** Program that made the SBOM; empty: not named. */
  readonly tool: string;
  /** ISO 8601; empty: not given. */
  readonly created: string;
  readonly packages: readonly SbomPackage[];
}

/** Makes a CycloneDX 1.6 document in JSON, in one line. Equal facts give equal text. Source: https://cyclonedx.org/docs/1.6/json/ */
export function makeCycloneDx({ image, tool, created, packages }: CycloneDxFacts): string {
  const bom = new Bom();
  const time = Date.parse(created);
  if (!Number.isNaN(time)) bom.metadata.timestamp = new Date(time);
  if (tool !== "") bom.metadata.tools.tools.add(new Tool({ name: tool }));
  const [name = image, digest = ""] = image.split("@");
  const root = new Component(ComponentType.Container, name, { bomRef: image, version: digest });
  bom.metadata.component = root;
  for (const [index, each] of packages.entries()) bom.components.add(makeComponent(each, index));
  const serializer = new JsonSerializer(new Json.Normalize.Factory(Spec1dot6));
  return JSON.stringify(JSON.parse(serializer.serialize(bom, { sortLists: true })));
}

function makeComponent({ name, version, purl, license, digests }: SbomPackage, index: number): Component {
  const component = new Component(ComponentType.Library, name, {
    bomRef: `${index}:${purl ?? name}`,
    version,
    ...(purl === null ? {} : { purl }),
  });
  for (const digest of digests) {
    const [algorithm = "", value = ""] = digest.split(":");
    const known = algorithms[algorithm];
    if (known !== undefined && known.length === value.length && /^[0-9a-f]+$/.test(value)) {
      component.hashes.set(known.algorithm, value);
    }
  }
  if (license !== null) component.licenses.add(makeLicense(license));
  return component;
}

/** Hash algorithms by SPDX's name, with the length of their values in digits: the schema takes no other. */
const algorithms: Readonly<Record<string, { readonly algorithm: HashAlgorithm; readonly length: number }>> = {
  md5: { algorithm: HashAlgorithm.MD5, length: 32 },
  sha1: { algorithm: HashAlgorithm["SHA-1"], length: 40 },
  sha256: { algorithm: HashAlgorithm["SHA-256"], length: 64 },
  sha384: { algorithm: HashAlgorithm["SHA-384"], length: 96 },
  sha512: { algorithm: HashAlgorithm["SHA-512"], length: 128 },
};

function makeLicense(license: string): SpdxLicense | LicenseExpression | NamedLicense {
  if (isSupportedSpdxId(license)) return new SpdxLicense(license);
  const isExpression = / (?:AND|OR|WITH) /.test(license) && /^[A-Za-z0-9.+:() -]+$/.test(license);
  return isExpression ? new LicenseExpression(license) : new NamedLicense(license);
}
