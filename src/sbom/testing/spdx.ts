/** A package of a document for tests. */
export interface WrittenPackage {
  readonly purl: string;
  readonly sha256?: string;
  readonly license?: string;
}

/** Makes an SPDX 2.3 document as BuildKit's scanner writes it. */
export function makeSpdx(packages: readonly (string | WrittenPackage)[], name = "sbom"): object {
  const written = packages.map((each) => (typeof each === "string" ? { purl: each } : each));
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    creationInfo: { creators: ["Organization: Anchore, Inc", "Tool: syft-1.57.1"], created: "2026-01-01T00:00:00Z" },
    packages: [
      ...written.map(({ purl, sha256, license }: WrittenPackage, at) => ({
        name: /([^/@?]+)(?:@[^/]*)?$/.exec(purl.split("?")[0] ?? "")?.[1] ?? purl,
        SPDXID: `SPDXRef-Package-${at}`,
        versionInfo: /@([^?#]+)/.exec(purl)?.[1] ?? "",
        licenseDeclared: license ?? "NOASSERTION",
        ...(sha256 === undefined ? {} : { checksums: [{ algorithm: "SHA256", checksumValue: sha256 }] }),
        externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
      })),
      { name, SPDXID: "SPDXRef-DocumentRoot-Directory-sbom", primaryPackagePurpose: "FILE" },
    ],
    relationships: [
      {
        spdxElementId: "SPDXRef-DOCUMENT",
        relationshipType: "DESCRIBES",
        relatedSpdxElement: "SPDXRef-DocumentRoot-Directory-sbom",
      },
    ],
  };
}
