import type { ReleaseNumbers } from "../../guides/facts.ts";
import type { ReleasedService, ReleaseManifest } from "../../model/release.ts";
import { makeRecordReader } from "../../records/record-reader.ts";
import { readRecords } from "../../records/records.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Numbers of the last `most` releases, newest first: what each built and reused, and how long the reused images once took to build. Reads
 * older releases too, only for these build times.
 */
export async function measureReleases({ registry, project }: Workspace, most: number): Promise<ReleaseNumbers[]> {
  const index = await readRecords(registry, project.releases);
  const reader = makeRecordReader(registry, project.releases, index);
  const stored = await Promise.all(lastOfEachLine(index.releases, 2 * most).map(({ tag }) => reader.release(tag)));
  return measureManifests(
    stored.flatMap((each) => (each === undefined ? [] : [each.manifest])),
    most,
  );
}

/** The same of release manifests in any order. A reused image counts with the last build time before its release. */
export function measureManifests(manifests: readonly ReleaseManifest[], most: number): ReleaseNumbers[] {
  const seconds = new Map<string, number>();
  const numbers = manifests
    .toSorted((left, right) => Date.parse(left.releasedAt) - Date.parse(right.releasedAt))
    .map((manifest) => {
      for (const { service, buildSeconds } of manifest.services) {
        if (buildSeconds !== null) seconds.set(service, buildSeconds);
      }
      return numbersOf(manifest, seconds);
    });
  return numbers.toReversed().slice(0, most);
}

/** The last `most` names of each kind. Records are sorted oldest first, branches before versions. */
function lastOfEachLine<T extends { readonly kind: "version" | "branch" }>(names: readonly T[], most: number): T[] {
  const of = (kind: T["kind"]): T[] => names.filter((name) => name.kind === kind).slice(-most);
  return [...of("branch"), ...of("version")];
}

function numbersOf(manifest: ReleaseManifest, seconds: ReadonlyMap<string, number>): ReleaseNumbers {
  const { services, subject, commit, releasedAt } = manifest;
  const built = services.filter(({ origin }) => origin === "built");
  // A service with the origin "kept" was outside of the release, so it counts neither as built nor as reused.
  const reused = services.filter(({ origin }) => origin === "reused");
  return {
    name: subject.kind === "version" ? subject.version : `${subject.branch} ${commit.slice(0, 7)}`,
    releasedAt,
    built: built.map(({ service }) => service),
    reused: reused.map(({ service }) => service),
    buildSeconds: sum(built, ({ buildSeconds }) => buildSeconds ?? 0),
    builtBytes: sum(built, bytesOf),
    savedSeconds: sum(reused, ({ service }) => seconds.get(service) ?? 0),
    savedBytes: sum(reused, bytesOf),
    unmeasured: reused.filter(({ service }) => !seconds.has(service)).map(({ service }) => service),
  };
}

function sum(services: readonly ReleasedService[], of: (service: ReleasedService) => number): number {
  return services.reduce((all, service) => all + of(service), 0);
}

function bytesOf({ platforms }: ReleasedService): number {
  return platforms.reduce((all, { size }) => all + size, 0);
}
