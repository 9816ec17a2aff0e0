import { byCodeUnit } from "../model/order.ts";
import type { ChangedPackage, PackageChanges, SbomPackage } from "../model/sbom-document.ts";

/** Compares packages by package URL without version and qualifiers. A package may be there in several versions at once. */
export function comparePackages(before: readonly SbomPackage[], after: readonly SbomPackage[]): PackageChanges {
  const old = groupBy(before, ({ id }) => id);
  const now = groupBy(after, ({ id }) => id);
  const changed: ChangedPackage[] = [];
  const otherContent: SbomPackage[] = [];
  for (const [id, packages] of now) {
    const versions = versionsOf(packages);
    const earlier = old.get(id);
    if (earlier === undefined) continue;
    const was = versionsOf(earlier);
    if (was.join("\n") !== versions.join("\n")) changed.push({ id, before: was, after: versions });
    const byVersion = groupBy(earlier, ({ version }) => version);
    for (const each of packages) {
      const same = byVersion.get(each.version) ?? [];
      if (same.length > 0 && same.every((other) => hasOtherContent(other, each))) otherContent.push(each);
    }
  }
  return {
    added: after.filter(({ id }) => !old.has(id)),
    removed: before.filter(({ id }) => !now.has(id)),
    changed,
    otherContent,
  };
}

/** Whether the digests of two packages show that they differ. Digests of other algorithms show nothing. */
function hasOtherContent(one: SbomPackage, other: SbomPackage): boolean {
  const algorithms = new Set(one.digests.map(algorithmOf));
  const comparable = other.digests.filter((digest) => algorithms.has(algorithmOf(digest)));
  return comparable.length > 0 && !comparable.some((digest) => one.digests.includes(digest));
}

function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(":"));
}

function groupBy(packages: readonly SbomPackage[], keyOf: (each: SbomPackage) => string): Map<string, SbomPackage[]> {
  const groups = new Map<string, SbomPackage[]>();
  for (const each of packages) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}

function versionsOf(packages: readonly SbomPackage[]): string[] {
  return [...new Set(packages.map(({ version }) => version))].sort(byCodeUnit);
}

/** The packages of an image that its base does not have: by package URL with version, as the base lists it. */
export function splitByBase(
  packages: readonly SbomPackage[],
  base: readonly SbomPackage[],
): { readonly base: readonly SbomPackage[]; readonly service: readonly SbomPackage[] } {
  const keyOf = ({ id, version }: SbomPackage): string => `${id}\n${version}`;
  const ofBase = new Set(base.map(keyOf));
  return {
    base: packages.filter((each) => ofBase.has(keyOf(each))),
    service: packages.filter((each) => !ofBase.has(keyOf(each))),
  };
}
