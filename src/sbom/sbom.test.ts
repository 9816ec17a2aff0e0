import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SbomPackage } from "../model/sbom-document.ts";
import { comparePackages, splitByBase } from "./compare-packages.ts";
import { makeCycloneDx } from "./make-cyclonedx.ts";
import { readPackageUrl } from "./package-url.ts";
import { readSpdx } from "./read-spdx.ts";
import { readSbomStatement } from "./read-statement.ts";
import { makeSpdx, type WrittenPackage } from "./testing/spdx.ts";

function packagesOf(...written: readonly (string | WrittenPackage)[]): readonly SbomPackage[] {
  const sbom = readSpdx(makeSpdx(written));
  if (typeof sbom === "string") throw new Error(sbom);
  return sbom.packages;
}

const none = { added: [], removed: [], changed: [], otherContent: [] };
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("an SPDX document", () => {
  test("gives its packages, each once, without the one that stands for the image", () => {
    const sbom = readSpdx(
      makeSpdx(["pkg:npm/b@1.0.0", { purl: "pkg:npm/%40a/c@2.0.0", license: "MIT" }, "pkg:npm/b@1.0.0"]),
    );
    expect(sbom).toEqual({
      name: "sbom",
      tool: "syft-1.57.1",
      created: "2026-01-01T00:00:00Z",
      withoutUrl: 0,
      packages: [
        {
          id: "pkg:npm/%40a/c",
          name: "c",
          version: "2.0.0",
          purl: "pkg:npm/%40a/c@2.0.0",
          license: "MIT",
          digests: [],
        },
        { id: "pkg:npm/b", name: "b", version: "1.0.0", purl: "pkg:npm/b@1.0.0", license: null, digests: [] },
      ],
    });
  });

  test("lists what has no package URL that can be parsed by its name", () => {
    const sbom = readSpdx({
      spdxVersion: "SPDX-2.3",
      packages: [
        {
          name: "busybox",
          versionInfo: "1.38.0",
          externalRefs: [{ referenceType: "purl", referenceLocator: "no url" }],
        },
      ],
    });
    expect(sbom).toMatchObject({ withoutUrl: 1, packages: [{ id: "name:busybox", version: "1.38.0", purl: null }] });
  });

  test.each<[string, unknown, string]>([
    ["text", "SPDX", "it is no JSON object"],
    ["an object", {}, "it is no SPDX document"],
    ["SPDX 3", { spdxVersion: "SPDX-3.0.1" }, "it is of SPDX-3.0.1"],
    ["packages that are no list", { spdxVersion: "SPDX-2.3", packages: {} }, "its packages are no list"],
    ["a package that is no object", { spdxVersion: "SPDX-2.3", packages: [1] }, "one of its packages is no object"],
  ])("that is %s is refused", (_, value, because) => {
    expect(readSpdx(value)).toBe(because);
  });

  test("of a stranger throws nothing, whatever is in it", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("pkg:npm/a@1", "pkg:", "pkg:npm/%", "SPDXRef-DOCUMENT"));
    const json = fc.jsonValue();
    const package_ = fc.record(
      {
        name: fc.oneof(text, json),
        versionInfo: fc.oneof(text, json),
        checksums: json,
        externalRefs: fc.array(
          fc.record({ referenceType: fc.constant("purl"), referenceLocator: fc.oneof(text, json) }),
        ),
      },
      { requiredKeys: [] },
    );
    const document = fc.record({
      spdxVersion: fc.constant("SPDX-2.3"),
      packages: fc.array(fc.oneof(package_, json)),
      relationships: json,
      creationInfo: json,
    });
    fc.assert(
      fc.property(fc.oneof(document, json), (value) => {
        const sbom = readSpdx(value);
        if (typeof sbom !== "string") expect(comparePackages(sbom.packages, sbom.packages)).toEqual(none);
      }),
      { numRuns: Number(process.env["SLIPWAY_CASES"] ?? 50) },
    );
  });
});

describe("a statement", () => {
  test.each(["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"])(
    "of type %s holds the document",
    (_type) => {
      const statement = { _type, predicateType: "https://spdx.dev/Document", predicate: { a: 1 } };
      expect(readSbomStatement(encode(statement))).toEqual({ document: { a: 1 } });
    },
  );

  test.each<[string, unknown, string]>([
    ["no object", [], "the statement is no JSON object"],
    ["of another type", { _type: "x" }, "the statement is not one of in-toto"],
    [
      "of another predicate",
      { _type: "https://in-toto.io/Statement/v1", predicateType: "https://slsa.dev/provenance/v1" },
      'the statement\'s predicate is "https://slsa.dev/provenance/v1"',
    ],
  ])("that is %s is refused", (_, value, because) => {
    expect(readSbomStatement(encode(value))).toBe(because);
  });
});

test.each<[string, string | undefined, string | undefined]>([
  ["pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13", "pkg:deb/debian/libc6", "2.41-12"],
  ["pkg:golang/github.com/a/b@v1.2.0#sub", "pkg:golang/github.com/a/b", "v1.2.0"],
  ["pkg:PyPI/Django_X@1.0", "pkg:pypi/django-x", "1.0"],
  ["pkg:npm/a", "pkg:npm/a", undefined],
  ["https://example.com", undefined, undefined],
  ["", undefined, undefined],
  [`pkg:npm/${"a".repeat(5000)}@1`, undefined, undefined],
])("the package URL %s is compared as %s", (text, id, version) => {
  const read = readPackageUrl(text);
  expect([read?.id, read?.version]).toEqual([id, version]);
});

describe("two images", () => {
  test.each<[string, (string | WrittenPackage)[], (string | WrittenPackage)[], object]>([
    ["alike", ["pkg:npm/a@1"], ["pkg:npm/a@1"], {}],
    ["one more", [], ["pkg:npm/a@1"], { added: [{ id: "pkg:npm/a", version: "1" }] }],
    ["one less", ["pkg:npm/a@1"], [], { removed: [{ id: "pkg:npm/a", version: "1" }] }],
    [
      "another version",
      ["pkg:npm/a@1"],
      ["pkg:npm/a@2"],
      { changed: [{ id: "pkg:npm/a", before: ["1"], after: ["2"] }] },
    ],
    [
      "one of two versions gone",
      ["pkg:npm/a@1", "pkg:npm/a@2"],
      ["pkg:npm/a@2"],
      { changed: [{ id: "pkg:npm/a", before: ["1", "2"], after: ["2"] }] },
    ],
    ["other qualifiers", ["pkg:deb/debian/a@1?distro=debian-12"], ["pkg:deb/debian/a@1?distro=debian-13"], {}],
    [
      "the same version with other content",
      [{ purl: "pkg:npm/a@1", sha256: "aa" }],
      [{ purl: "pkg:npm/a@1", sha256: "bb" }],
      { otherContent: [{ id: "pkg:npm/a", version: "1" }] },
    ],
    ["a digest that only one has", ["pkg:npm/a@1"], [{ purl: "pkg:npm/a@1", sha256: "bb" }], {}],
    [
      "another ecosystem",
      ["pkg:npm/a@1"],
      ["pkg:pypi/a@1"],
      { added: [{ id: "pkg:pypi/a" }], removed: [{ id: "pkg:npm/a" }] },
    ],
  ])("differ: %s", (_, before, after, wanted) => {
    expect(comparePackages(packagesOf(...before), packagesOf(...after))).toMatchObject({ ...none, ...wanted });
  });

  test("what the base has in the same version is the base's", () => {
    const image = packagesOf("pkg:deb/debian/libc6@1", "pkg:npm/a@2", "pkg:npm/b@1");
    const split = splitByBase(image, packagesOf("pkg:deb/debian/libc6@1?arch=amd64", "pkg:npm/a@1"));
    expect(split.base.map(({ id }) => id)).toEqual(["pkg:deb/debian/libc6"]);
    expect(split.service.map(({ id }) => id)).toEqual(["pkg:npm/a", "pkg:npm/b"]);
  });
});

describe("CycloneDX", () => {
  const validator = new JsonStrictValidator(Version.v1dot6);
  const facts = { image: `reg.test/a@sha256:${"0".repeat(64)}`, tool: "syft-1.57.1", created: "2026-01-01T00:00:00Z" };

  test("is valid against the schema of 1.6, with licences, hashes and package URLs", async () => {
    const packages = packagesOf(
      { purl: "pkg:npm/%40a/b@1.0.0", license: "MIT", sha256: "a".repeat(64) },
      { purl: "pkg:npm/c@1.0.0", license: "MIT OR Apache-2.0" },
      { purl: "pkg:npm/d@1.0.0", license: "Some licence, by name" },
      { purl: "pkg:npm/e@1.0.0", sha256: "no digest" },
    );
    const text = makeCycloneDx({ ...facts, packages });
    expect(await validator.validate(text)).toBeNull();
    expect(JSON.parse(text)).toMatchObject({
      specVersion: "1.6",
      metadata: { component: { name: "reg.test/a" } },
      components: expect.arrayContaining([
        expect.objectContaining({ purl: "pkg:npm/%40a/b@1.0.0", licenses: [{ license: { id: "MIT" } }] }),
      ]),
    });
    expect(makeCycloneDx({ ...facts, packages })).toBe(text);
  });

  test("is valid for whatever a stranger's document holds", async () => {
    const texts = fc.oneof(fc.string(), fc.constantFrom("MIT", "A AND B", "LicenseRef-x", "NOASSERTION"));
    const made = fc.record({
      name: texts,
      version: texts,
      license: fc.option(texts),
      digests: fc.array(fc.oneof(texts, fc.constant(`sha1:${"b".repeat(40)}`))),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(made, { maxLength: 3 }), fc.string(), async (list, created) => {
        const packages = list.map((each, at): SbomPackage => ({ ...each, id: `name:${at}`, purl: null }));
        expect(await validator.validate(makeCycloneDx({ ...facts, created, packages }))).toBeNull();
      }),
      { numRuns: 10 },
    );
  });
});
