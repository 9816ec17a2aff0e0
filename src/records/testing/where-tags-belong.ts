import type { ReleaseName, RollbackName } from "../record-names.ts";
import { type RecordFacts, whereTagBelongs } from "../where-tags-belong.ts";

/** A rollback with all releases that existed when it was made. */
export interface KnownRollback {
  readonly name: RollbackName;
  readonly knew: ReadonlySet<string>;
}

/** A release and the moving tags it gives each service. */
export interface ReleaseTags {
  readonly name: ReleaseName;
  /** Time of the release, ISO 8601; if absent, releases that differ only in build metadata are ordered by name. */
  readonly releasedAt?: string;
  readonly moving: ReadonlyMap<string, readonly string[]>;
}

/** Decides every tag that the releases give. Returns the release by service and tag. */
export function whereTagsBelong(
  releases: readonly ReleaseTags[],
  rollbacks: readonly KnownRollback[],
): ReadonlyMap<string, ReadonlyMap<string, ReleaseName>> {
  const claims = new Map<string, { service: string; tag: string; group: string; claimants: ReleaseName[] }>();
  for (const { name, moving } of releases) {
    for (const [service, tags] of moving) {
      for (const tag of tags) {
        const key = `${name.group} ${service} ${tag}`;
        const claim = claims.get(key) ?? { service, tag, group: name.group, claimants: [] };
        claim.claimants.push(name);
        claims.set(key, claim);
      }
    }
  }
  const knew = new Map(rollbacks.map((rollback) => [rollback.name.tag, rollback.knew]));
  const times = new Map(releases.map(({ name, releasedAt = "" }) => [name.tag, releasedAt]));
  const facts: RecordFacts = { knewOf: ({ tag }) => knew.get(tag), releasedAt: ({ tag }) => times.get(tag) };
  const belong = new Map<string, Map<string, ReleaseName>>();
  for (const { service, tag, group, claimants } of claims.values()) {
    const own = rollbacks.flatMap(({ name }) => (name.group === group ? [name] : []));
    const where = whereTagBelongs(claimants, own, facts);
    if (where.kind !== "release") continue;
    const tags = belong.get(service) ?? new Map<string, ReleaseName>();
    belong.set(service, tags.set(tag, where.name));
  }
  return belong;
}
