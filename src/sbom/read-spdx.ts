import { asFields, asList, type Fields, textField } from "../formats/json.ts";
import { byCodeUnit, byKey } from "../model/order.ts";
import type { SbomPackage } from "../model/sbom-document.ts";
import { readPackageUrl } from "./package-url.ts";

/** An SBOM as far as Slipway reads it. */
export interface Sbom {
  /** The document's name; BuildKit's scanner names that of the image `sbom`, those of build stages `sbom-STAGE`. */
  readonly name: string;
  /** Program that made it, as it names itself; empty: not named. */
  readonly tool: string;
  /** ISO 8601; empty: not given. */
  readonly created: string;
  /** Sorted by id and version, each once. */
  readonly packages: readonly SbomPackage[];
  /** Number of packages without a package URL that can be parsed. They are compared by name. */
  readonly withoutUrl: number;
}

/** Upper limit of packages in one document; the largest images have some ten thousand. */
const mostPackages = 500_000;

/**
 * Reads an SPDX 2.x document in JSON; a text: why it cannot be read. The package that stands for the image itself is not listed. Source:
 * SPDX 2.3, https://spdx.github.io/spdx-spec/v2.3/
 */
export function readSpdx(value: unknown): Sbom | string {
  const document = asFields(value);
  if (document === undefined) return "it is no JSON object";
  const version = textField(document, "spdxVersion");
  if (!version.startsWith("SPDX-2."))
    return version === "" ? "it is no SPDX document" : `it is of ${version.slice(0, 40)}`;
  const listed = asList(document["packages"] ?? []);
  if (listed === undefined) return "its packages are no list";
  if (listed.length > mostPackages) return `it has more than ${mostPackages} packages`;
  const described = describedBy(document);
  const fields = objectsOf(listed);
  if (fields.length < listed.length) return "one of its packages is no object";
  const packages = fields.filter((each) => !described.has(textField(each, "SPDXID"))).map(readPackage);
  const creation = asFields(document["creationInfo"]) ?? {};
  return {
    name: textField(document, "name"),
    tool: toolOf(creation),
    created: textField(creation, "created"),
    packages: uniquePackages(packages),
    withoutUrl: packages.filter(({ purl }) => purl === null).length,
  };
}

/** The objects of a list. */
function objectsOf(list: unknown): Fields[] {
  return (asList(list) ?? []).map(asFields).filter((each) => each !== undefined);
}

/** Ids of the elements that the document is about. */
function describedBy(document: Fields): Set<string> {
  const own = textField(document, "SPDXID");
  const relationships = objectsOf(document["relationships"]);
  const related = relationships.flatMap((each) =>
    textField(each, "relationshipType") === "DESCRIBES" && textField(each, "spdxElementId") === own
      ? [textField(each, "relatedSpdxElement")]
      : [],
  );
  const listed = (asList(document["documentDescribes"]) ?? []).filter((each) => typeof each === "string");
  return new Set([...related, ...listed]);
}

function toolOf(creation: Fields): string {
  const creators = (asList(creation["creators"]) ?? []).filter((each) => typeof each === "string");
  const tool = creators.find((each) => each.startsWith("Tool: "));
  return tool?.slice("Tool: ".length) ?? "";
}

function readPackage(fields: Fields): SbomPackage {
  const name = textField(fields, "name");
  const url = objectsOf(fields["externalRefs"]).find((each) => textField(each, "referenceType") === "purl");
  const parsed = url === undefined ? undefined : readPackageUrl(textField(url, "referenceLocator"));
  return {
    id: parsed?.id ?? `name:${name}`,
    name,
    version: textField(fields, "versionInfo") || (parsed?.version ?? ""),
    purl: parsed?.purl ?? null,
    license: licenseOf(fields),
    digests: digestsOf(fields),
  };
}

function licenseOf(fields: Fields): string | null {
  const known = ["licenseDeclared", "licenseConcluded"]
    .map((key) => textField(fields, key))
    .find((text) => text !== "" && text !== "NOASSERTION" && text !== "NONE");
  return known ?? null;
}

function digestsOf(fields: Fields): string[] {
  const checksums = objectsOf(fields["checksums"]);
  const texts = checksums.map(
    (each) => `${textField(each, "algorithm").toLowerCase()}:${textField(each, "checksumValue").toLowerCase()}`,
  );
  return [...new Set(texts)].sort(byCodeUnit);
}

/** Each package once: a scanner lists one for each place where it is installed. */
function uniquePackages(packages: readonly SbomPackage[]): SbomPackage[] {
  const found = new Map<string, SbomPackage>();
  for (const each of packages) {
    const key = JSON.stringify([each.id, each.version, each.purl]);
    const before = found.get(key);
    const digests =
      before === undefined ? each.digests : [...new Set([...before.digests, ...each.digests])].sort(byCodeUnit);
    found.set(key, { ...each, license: before?.license ?? each.license, digests });
  }
  return [...found.values()].sort(byKey(({ id, version, purl }) => `${id}\n${version}\n${purl ?? ""}`));
}
