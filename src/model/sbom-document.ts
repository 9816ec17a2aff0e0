import type { Digest } from "./digest.ts";
import type { Platform } from "./platform.ts";

/** A package that an SBOM lists. */
export interface SbomPackage {
  /** Identity across versions: the package URL without version, qualifiers and subpath; without a package URL, `name:NAME`. */
  readonly id: string;
  readonly name: string;
  /** Empty: the SBOM names none. */
  readonly version: string;
  /** Package URL in its canonical form; null: the SBOM has none that can be parsed. Source: https://github.com/package-url/purl-spec */
  readonly purl: string | null;
  /** Declared licence, an SPDX expression or its name; null: not known. */
  readonly license: string | null;
  /** Digests of the package's content, `sha256:HEX`, sorted. */
  readonly digests: readonly string[];
}

/** A package whose versions differ between two SBOMs; each list sorted. */
export interface ChangedPackage {
  readonly id: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Differences between the packages of two images. */
export interface PackageChanges {
  readonly added: readonly SbomPackage[];
  readonly removed: readonly SbomPackage[];
  readonly changed: readonly ChangedPackage[];
  /** Packages of the same version with other content. */
  readonly otherContent: readonly SbomPackage[];
}

/** The part of an image's packages that its base image brings. */
export type BasePackages =
  /** `reference`: the base image. */
  | { readonly kind: "known"; readonly reference: string }
  /** Packages are not told apart. */
  | { readonly kind: "unknown"; readonly because: string }
  | { readonly kind: "none" };

/** The changes since another release, those of the base image and of the service apart. */
export interface SbomChanges {
  readonly since: string;
  readonly service: PackageChanges;
  /** Null: the packages of the base are not known in both releases, and are among those of the service. */
  readonly base: PackageChanges | null;
}

/** Result of `slipway sbom`. */
export interface SbomDocument {
  readonly version: 1;
  readonly service: string;
  readonly platform: Platform;
  /** The release that ships the image. */
  readonly release: string;
  /** `name@digest` of the platform's image. */
  readonly image: string;
  /** Digest of the in-toto statement in the registry. */
  readonly statement: Digest;
  /** Program that made the SBOM, as it names itself; empty: not named. */
  readonly tool: string;
  readonly base: BasePackages;
  /** Sorted by id and version. `from`: whether the base image has the same package. */
  readonly packages: readonly (SbomPackage & { readonly from: "base" | "service" })[];
  /** Null: no other release was asked for. */
  readonly changes: SbomChanges | null;
  /** Messages for the user, such as packages without a package URL. */
  readonly notes: readonly string[];
}

/** The packages, and the document in the format that was asked for; null: none was. */
export interface SbomResult {
  readonly packages: SbomDocument;
  /** JSON in one line, with control characters escaped, so that printing changes no letter of it. */
  readonly exported: string | null;
}
