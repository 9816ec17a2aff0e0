import { list, type Row } from "../row.ts";

/** What is read of SBOMs that strangers' packages fill, and shown of them. */
export async function sbomRows(): Promise<readonly Row[]> {
  const [spdx, statement, comparison, cyclonedx, written, rendering, notes, urls] = await Promise.all([
    import("../../../src/sbom/read-spdx.ts"),
    import("../../../src/sbom/read-statement.ts"),
    import("../../../src/sbom/compare-packages.ts"),
    import("../../../src/sbom/make-cyclonedx.ts"),
    import("../../../src/sbom/testing/spdx.ts"),
    import("../../../src/report/render-sbom.ts"),
    import("../../../src/notes/package-changes.ts"),
    import("../../../src/sbom/package-url.ts"),
  ]);
  const [{ makeStyle }, { makePlatform }, { digestOf }] = await Promise.all([
    import("../../../src/report/style.ts"),
    import("../../../src/model/platform.ts"),
    import("../../../src/model/digest.ts"),
  ]);
  const document = (size: number, version: number): object =>
    written.makeSpdx(list(size, (index) => `pkg:npm/a${index}@${version}`));
  const packages = (size: number, version: number) => {
    const sbom = spdx.readSpdx(document(size, version));
    if (typeof sbom === "string") throw new Error(sbom);
    return sbom.packages;
  };
  const platform = makePlatform({ os: "linux", architecture: "amd64" });
  return [
    [
      "the packages of an SPDX document",
      20,
      (size) => {
        const value = document(size, 1);
        return () => spdx.readSpdx(value);
      },
    ],
    [
      "one package in many versions",
      20,
      (size) => {
        const value = written.makeSpdx(list(size, (index) => `pkg:npm/a@${index}`));
        return () => spdx.readSpdx(value);
      },
    ],
    [
      "a statement",
      200,
      (size) => {
        const bytes = new TextEncoder().encode(
          JSON.stringify({
            _type: "https://in-toto.io/Statement/v1",
            predicateType: "a",
            predicate: list(size, String),
          }),
        );
        return () => list(20, () => statement.readSbomStatement(bytes));
      },
    ],
    ["package URLs", 20, (size) => () => list(size, (index) => urls.readPackageUrl(`pkg:npm/a${index}@1?a=b`))],
    [
      "packages of two images",
      20,
      (size) => {
        const [before, after] = [packages(size, 1), packages(size, 2)];
        return () => [comparison.comparePackages(before, after), comparison.splitByBase(after, before)];
      },
    ],
    [
      "one package in many versions in two images",
      20,
      (size) => {
        const versions = (sha256: string) => {
          const sbom = spdx.readSpdx(written.makeSpdx(list(size, (index) => ({ purl: `pkg:npm/a@${index}`, sha256 }))));
          return typeof sbom === "string" ? [] : sbom.packages;
        };
        const [before, after] = [versions("aa"), versions("bb")];
        return () => comparison.comparePackages(before, after);
      },
    ],
    [
      "a CycloneDX document",
      20,
      (size) => {
        const list = packages(size, 1);
        return () => cyclonedx.makeCycloneDx({ image: "a@b", tool: "a", created: "", packages: list });
      },
    ],
    [
      "packages and their changes, shown",
      20,
      (size) => {
        const [before, after] = [packages(size, 1), packages(size, 2)];
        const changes = {
          service: comparison.comparePackages(before, after),
          base: comparison.comparePackages(after, []),
        };
        const shown = {
          version: 1,
          service: "a",
          platform,
          release: "1",
          image: "a@b",
          statement: digestOf("a"),
          tool: "a",
          base: { kind: "none" },
          packages: after.map((each) => ({ ...each, from: "service" as const })),
          changes: { since: "1", ...changes },
          notes: list(size, String),
        } as const;
        const style = makeStyle(true, { columns: 100 });
        return () => [
          rendering.renderSbom(shown, style),
          rendering.renderSbom({ ...shown, changes: null }, style),
          notes.renderPackageChanges([{ service: "a", platform, packages: size, changes }], "1", (name) => name),
        ];
      },
    ],
  ];
}
