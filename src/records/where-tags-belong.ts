import { byCodeUnit } from "../model/order.ts";
import {
  comparePrecedence,
  compareReleases,
  compareRollbacks,
  type ReleaseName,
  type RollbackName,
} from "./record-names.ts";

/** The release that one tag belongs to, or the record to read first. */
export type TagOwner =
  | { readonly kind: "release"; readonly name: ReleaseName; readonly because: RollbackName | undefined }
  /** The record to read first: the rollback may hold the tag, or several releases share the precedence. */
  | { readonly kind: "unread"; readonly name: RollbackName | ReleaseName }
  | { readonly kind: "nowhere" };

/** Facts that records hold but their names do not; undefined: the record was not read yet. */
export interface RecordFacts {
  knewOf(rollback: RollbackName): ReadonlySet<string> | undefined;
  /** The time of a release, ISO 8601. */
  releasedAt(release: ReleaseName): string | undefined;
}

/**
 * Decides to which release one moving tag of one service belongs. `claimants`: the releases of its group that give it this tag. The tag
 * follows the newest claimant; of versions that differ in build metadata only, the one that was released last. A rollback to a claimant
 * holds the tag there, until there is a claimant that the rollback did not know and that is newer than all it knew; of several rollbacks
 * the latest decides. So only a rollback moves a tag backwards, and neither a late release nor a repeated one undoes a rollback.
 */
export function whereTagBelongs(
  claimants: readonly ReleaseName[],
  rollbacks: readonly RollbackName[],
  facts: RecordFacts,
): TagOwner {
  const newest = newestOf(claimants, facts);
  if (newest === undefined) return { kind: "nowhere" };
  if ("unread" in newest) return { kind: "unread", name: newest.unread };
  const byTag = new Map(claimants.map((claimant) => [claimant.tag, claimant]));
  const applying = rollbacks.filter(({ to }) => byTag.has(to));
  const rollback = applying.toSorted(compareRollbacks).at(-1);
  const target = rollback === undefined ? undefined : byTag.get(rollback.to);
  if (rollback === undefined || target === undefined) return { kind: "release", name: newest, because: undefined };
  const knew = facts.knewOf(rollback);
  if (knew === undefined) return { kind: "unread", name: rollback };
  const known = newestOf(
    claimants.filter((claimant) => knew.has(claimant.tag)),
    facts,
  );
  if (known !== undefined && "unread" in known) return { kind: "unread", name: known.unread };
  const ended = !knew.has(newest.tag) && isNewer(newest, known ?? target, facts);
  if (ended) return { kind: "release", name: newest, because: undefined };
  return { kind: "release", name: target, because: rollback };
}

/** The newest claimant, or one whose record must be read first because several share the highest precedence. */
function newestOf(
  names: readonly ReleaseName[],
  facts: RecordFacts,
): ReleaseName | { readonly unread: ReleaseName } | undefined {
  const highest = names.reduce<ReleaseName | undefined>(
    (best, name) => (best === undefined || comparePrecedence(name, best) > 0 ? name : best),
    undefined,
  );
  if (highest === undefined) return undefined;
  const equal = names.filter((name) => comparePrecedence(name, highest) === 0);
  const unread = equal.length > 1 ? equal.find((name) => facts.releasedAt(name) === undefined) : undefined;
  if (unread !== undefined) return { unread };
  return equal.reduce((best, name) => (isNewer(name, best, facts) ? name : best));
}

/** Whether `left` is newer than `right`. If they share their precedence, both records were read. */
function isNewer(left: ReleaseName, right: ReleaseName, facts: RecordFacts): boolean {
  const order =
    comparePrecedence(left, right) ||
    byCodeUnit(facts.releasedAt(left) ?? "", facts.releasedAt(right) ?? "") ||
    compareReleases(left, right);
  return order > 0;
}
