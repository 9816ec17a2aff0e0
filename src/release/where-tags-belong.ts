import { compareReleases, compareRollbacks, type ReleaseName, type RollbackName } from "./record-names.ts";

/** A rollback, and every release that was there when it was decided. */
export interface KnownRollback {
  readonly name: RollbackName;
  readonly knew: ReadonlySet<string>;
}

/** A release and the moving tags it gives each service. */
export interface ReleaseTags {
  readonly name: ReleaseName;
  readonly moving: ReadonlyMap<string, readonly string[]>;
}

/** Where one tag belongs, or the rollback that must be read to say so. */
export type Belongs =
  | { readonly kind: "release"; readonly name: ReleaseName; readonly because: RollbackName | undefined }
  | { readonly kind: "unread"; readonly rollback: RollbackName }
  | { readonly kind: "nowhere" };

/**
 * To which release one moving tag of one service belongs. `claimants`: the releases of its group that give it this tag.
 *
 * It follows the newest of them. A rollback holds it instead, when its target is one of them, until there is a claimant that it
 * did not know and that is newer than every one it knew; of several rollbacks the latest decides. So nothing moves a tag
 * backwards but a rollback, and neither a late release nor a repeated one undoes a rollback.
 */
export function whereTagBelongs(
  claimants: readonly ReleaseName[],
  rollbacks: readonly RollbackName[],
  knewOf: (rollback: RollbackName) => ReadonlySet<string> | undefined,
): Belongs {
  const newest = largest(claimants);
  if (newest === undefined) return { kind: "nowhere" };
  const applying = rollbacks.filter((each) => claimants.some((claimant) => claimant.tag === each.to));
  const rollback = applying.toSorted(compareRollbacks).at(-1);
  const target = claimants.find((claimant) => claimant.tag === rollback?.to);
  if (rollback === undefined || target === undefined) return { kind: "release", name: newest, because: undefined };
  const knew = knewOf(rollback);
  if (knew === undefined) return { kind: "unread", rollback };
  const newestKnown = largest(claimants.filter((claimant) => knew.has(claimant.tag))) ?? target;
  const ended = !knew.has(newest.tag) && compareReleases(newest, newestKnown) > 0;
  if (ended) return { kind: "release", name: newest, because: undefined };
  return { kind: "release", name: target, because: rollback };
}

/** Where every moving tag belongs: by service, by tag, the release. Groups are apart: each has its own lines. */
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
  const belong = new Map<string, Map<string, ReleaseName>>();
  for (const { service, tag, group, claimants } of claims.values()) {
    const own = rollbacks.flatMap(({ name }) => (name.group === group ? [name] : []));
    const where = whereTagBelongs(claimants, own, (rollback) => knew.get(rollback.tag));
    if (where.kind !== "release") continue;
    const tags = belong.get(service) ?? new Map<string, ReleaseName>();
    belong.set(service, tags.set(tag, where.name));
  }
  return belong;
}

function largest(names: readonly ReleaseName[]): ReleaseName | undefined {
  return names.reduce<ReleaseName | undefined>(
    (best, name) => (best === undefined || compareReleases(name, best) > 0 ? name : best),
    undefined,
  );
}
