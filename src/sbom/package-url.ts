import { PackageURL } from "packageurl-js";

/** The parts of a package URL by which packages are compared. */
export interface ReadPackageUrl {
  /** In its canonical form. */
  readonly purl: string;
  /** Without version, qualifiers and subpath. */
  readonly id: string;
  readonly version: string | undefined;
}

/** Longest package URL that is parsed; the parser's expressions are of others. */
const longestUrl = 4096;

/** Reads a package URL; undefined: it is none. Source: https://github.com/package-url/purl-spec */
export function readPackageUrl(text: string): ReadPackageUrl | undefined {
  if (text.length > longestUrl) return undefined;
  try {
    const url = PackageURL.fromString(text);
    const { type, namespace, name, version } = url;
    const id = new PackageURL(type, namespace, name, undefined, undefined, undefined).toString();
    return { purl: url.toString(), id, version: version ?? undefined };
  } catch {
    return undefined;
  }
}
