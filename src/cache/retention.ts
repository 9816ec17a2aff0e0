import type { StoredCache } from "../model/cache-documents.ts";
import { byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";
import { renderAge, renderBytes, renderCount } from "../model/units.ts";
import { parseCacheKey } from "./names.ts";

/** The rules to apply. */
export interface RetentionRules {
  /** Time in seconds after which an unused cache is removed; undefined: never. */
  readonly unusedSeconds: number | undefined;
  /** Upper limit of GitHub's cache in bytes, enforced by removing the least recently used; undefined: no limit. */
  readonly budgetBytes: number | undefined;
  readonly closedPullRequests: boolean;
  readonly goneServices: boolean;
  /** Whether to remove indexes that a newer one replaced, layers that no index can name, and builds pushed more than a day ago. */
  readonly leftovers: boolean;
}

/** Facts beside the caches themselves. */
export interface RetentionFacts {
  /** Current time, ISO 8601. */
  readonly now: string;
  /** Services at `ref`. */
  readonly services: readonly { readonly name: string; readonly platforms: readonly Platform[] }[];
  /** Ref that the services were read at, such as `refs/heads/main`; other branches may have other services. */
  readonly ref: string | undefined;
  /** Ref of the default branch; undefined: unknown, so every branch is treated as the default. */
  readonly defaultRef: string | undefined;
  /** Open pull requests; undefined: unknown. */
  readonly openPullRequests: ReadonlySet<number> | undefined;
  /** All tags of each image name with caches; undefined: at least one could not be read. */
  readonly tags: ReadonlyMap<string, readonly ImageTag[] | undefined>;
}

/** A tag with the manifests that a registry must keep for it. */
export interface ImageTag {
  readonly tag: string;
  readonly digest: string;
  /** Digests that the tag's index lists. */
  readonly children: readonly string[];
}

/** The decision for one cache. */
export interface RetentionStep {
  readonly cache: StoredCache;
  readonly keep: boolean;
  readonly because: string;
}

/**
 * Decides which caches are kept, in the given order. Keeps caches that are not Slipway's and caches that the facts do not allow to judge.
 * Keeps caches used in the last hour, because an export stores layers before the index that names them, and the newest index of each
 * service that is still built. An index's key does not name its layers, so a layer is kept while any remaining index may name it, and is
 * removed by its last use.
 */
export function planRetention(
  caches: readonly StoredCache[],
  facts: RetentionFacts,
  rules: RetentionRules,
): readonly RetentionStep[] {
  const judged: Judged = { ...facts, platforms: platformsOf(facts) };
  const newest = newestIndexes(caches);
  const steps = new Map(caches.map((cache) => [cache, decideAlone(cache, judged, rules, newest)]));
  keepNeeded(steps, facts);
  if (rules.leftovers) dropUnnamed(steps, facts);
  if (rules.budgetBytes !== undefined) {
    keepToBudget(steps, judged, rules.budgetBytes, newest);
    if (rules.leftovers) dropUnnamed(steps, facts);
  }
  return [...steps.values()];
}

/** The facts, and the platforms of each service. */
interface Judged extends RetentionFacts {
  readonly platforms: ReadonlyMap<string, ReadonlySet<string>>;
}

function platformsOf({ services }: RetentionFacts): Judged["platforms"] {
  return new Map(services.map(({ name, platforms }) => [name, new Set(platforms)]));
}

type Steps = Map<StoredCache, RetentionStep>;

function go(cache: StoredCache, because: string): RetentionStep {
  return { cache, keep: false, because };
}

function stay(cache: StoredCache, because: string): RetentionStep {
  return { cache, keep: true, because };
}

const hour = 3600;
const day = 86_400;

function decideAlone(
  cache: StoredCache,
  facts: Judged,
  rules: RetentionRules,
  newest: ReadonlySet<StoredCache>,
): RetentionStep {
  if (cache.kind === "other") return stay(cache, "not Slipway's");
  return cache.tier === "gha" ? decideEntry(cache, facts, rules, newest) : decideTag(cache, facts, rules);
}

function decideEntry(
  cache: StoredCache,
  facts: Judged,
  rules: RetentionRules,
  newest: ReadonlySet<StoredCache>,
): RetentionStep {
  const closed = rules.closedPullRequests && isClosed(cache, facts);
  if (closed) return go(cache, `pull request ${cache.pullRequest} is closed`);
  if (isInUse(cache, facts)) return stay(cache, "used in the last hour");
  const gone = rules.goneServices ? whyGone(cache, facts) : undefined;
  if (gone !== undefined) return go(cache, gone);
  if (rules.leftovers && cache.kind === "index" && !newest.has(cache)) return go(cache, "a newer index replaced it");
  if (isProtected(cache, facts, newest)) return stay(cache, "the newest index of a service that is built");
  const unused = secondsUnused(cache, facts);
  if (rules.unusedSeconds !== undefined && unused >= rules.unusedSeconds) {
    return go(cache, `unused for ${renderAge(unused)}`);
  }
  return stay(cache, "in use");
}

function decideTag(cache: StoredCache, facts: Judged, rules: RetentionRules): RetentionStep {
  if (cache.kind !== "build") {
    const gone = rules.goneServices ? whyGone(cache, facts) : undefined;
    return gone === undefined ? stay(cache, "the cache of a service that is built") : go(cache, gone);
  }
  const age = secondsSince(cache.createdAt, facts);
  if (!rules.leftovers || age < day) return stay(cache, "pushed by a run not long ago");
  return go(cache, `pushed by a run ${renderAge(age)} ago, and no tag needs it`);
}

/** Why no service uses this cache any more; undefined: a service uses it, it is shared, or it belongs to another branch. */
function whyGone({ service, platform, tier, ref }: StoredCache, facts: Judged): string | undefined {
  const writtenAt = tier === "registry" ? facts.defaultRef : ref;
  if (service === null || facts.ref === undefined || writtenAt !== facts.ref) return undefined;
  const found = facts.platforms.get(service);
  if (found === undefined) return `there is no service ${service} any more`;
  return platform !== null && found.has(platform) ? undefined : `${service} is not built for ${platform} any more`;
}

/**
 * Why registry caches of unknown services are kept; undefined: there are none. Their tags do not name the branch that wrote them, so only
 * the default branch can decide that a service is gone.
 */
export function whyGoneAreKept(caches: readonly StoredCache[], facts: RetentionFacts): string | undefined {
  const here = "refs/heads/here";
  const platforms = platformsOf(facts);
  const kept = caches.filter(
    (cache) =>
      cache.tier === "registry" &&
      cache.kind !== "build" &&
      whyGone(cache, { ...facts, platforms, ref: here, defaultRef: here }) !== undefined &&
      whyGone(cache, { ...facts, platforms }) === undefined,
  );
  if (kept.length === 0) return undefined;
  const { ref, defaultRef } = facts;
  const because =
    defaultRef === undefined
      ? "which branch is the default one is not known without a remote on GitHub and a token"
      : ref === undefined
        ? "no branch is checked out"
        : `this is ${branchOf(ref)}, and only ${branchOf(defaultRef)} can decide it`;
  return `${renderCount(kept.length, "cache")} in registries of services or platforms that are not here ${kept.length === 1 ? "stays" : "stay"}: ${because}`;
}

function branchOf(ref: string): string {
  return `the branch ${ref.replace("refs/heads/", "")}`;
}

function isClosed({ pullRequest }: StoredCache, { openPullRequests }: RetentionFacts): boolean {
  return pullRequest !== null && openPullRequests !== undefined && !openPullRequests.has(pullRequest);
}

function isInUse(cache: StoredCache, facts: RetentionFacts): boolean {
  return secondsUnused(cache, facts) < hour;
}

/** Whether the cache is the newest index of the default branch. Runs of all branches read it, and would start cold without it. */
function isProtected(cache: StoredCache, facts: Judged, newest: ReadonlySet<StoredCache>): boolean {
  const { defaultRef } = facts;
  const isRead = defaultRef === undefined ? isBranch(cache.ref) : cache.ref === defaultRef;
  return cache.kind === "index" && newest.has(cache) && isRead && whyGone(cache, facts) === undefined;
}

function isBranch(ref: string | null): boolean {
  return ref?.startsWith("refs/heads/") ?? false;
}

/** The newest index of each series: BuildKit writes an index under the next number and reads the highest. */
function newestIndexes(caches: readonly StoredCache[]): ReadonlySet<StoredCache> {
  const newest = new Map<string, { readonly cache: StoredCache; readonly number: number }>();
  for (const cache of caches) {
    const key = parseCacheKey(cache.name);
    if (cache.kind !== "index" || key.kind !== "index") continue;
    const series = `${cache.ref} ${key.series}`;
    if (key.number > (newest.get(series)?.number ?? -1)) newest.set(series, { cache, number: key.number });
  }
  return new Set([...newest.values()].map(({ cache }) => cache));
}

/** Keeps manifests that remaining tags point at or list, since a registry deletes a manifest with all its tags. */
function keepNeeded(steps: Steps, { tags }: RetentionFacts): void {
  const goingFrom = new Map<string, Map<string, StoredCache>>();
  for (const { cache, keep } of steps.values()) {
    if (keep || cache.tier !== "registry") continue;
    const image = imageOf(cache);
    const going = goingFrom.get(image) ?? new Map<string, StoredCache>();
    goingFrom.set(image, going.set(cache.name, cache));
  }
  for (const [image, all] of tags) {
    const going = goingFrom.get(image) ?? new Map<string, StoredCache>();
    const needed = new Set<string>();
    for (const { tag, digest, children } of all ?? []) {
      if (!going.has(`${image}:${tag}`)) [digest, ...children].forEach((each) => needed.add(each));
    }
    for (const cache of going.values()) {
      if (all === undefined) steps.set(cache, stay(cache, "not all tags beside it could be read"));
      else if (needed.has(cache.digest ?? "")) steps.set(cache, stay(cache, "a tag that stays needs it"));
    }
  }
}

/** The image name of a tag in a registry. */
export function imageOf({ name }: StoredCache): string {
  return name.slice(0, name.lastIndexOf(":"));
}

/**
 * Removes layers that no remaining index can name. Layers of a tag or pull request are read by its own runs only, layers of a branch by
 * any.
 */
function dropUnnamed(steps: Steps, facts: RetentionFacts): void {
  const indexes = [...steps.values()].filter(({ cache, keep }) => keep && isIndexKey(cache));
  const refs = new Set(indexes.map(({ cache: { ref } }) => ref));
  for (const [cache, { keep }] of steps) {
    if (!keep || cache.kind !== "layer" || isInUse(cache, facts)) continue;
    const isNamed = isBranch(cache.ref) ? indexes.length > 0 : refs.has(cache.ref);
    if (!isNamed) steps.set(cache, go(cache, "no index is left that can name it"));
  }
}

/** Whether an entry is an index, including one that another user of BuildKit wrote in its own scope; its layers are shared. */
function isIndexKey({ name, tier }: StoredCache): boolean {
  return tier === "gha" && parseCacheKey(name).kind === "index";
}

function keepToBudget(steps: Steps, facts: Judged, budget: number, newest: ReadonlySet<StoredCache>): void {
  const kept = [...steps.values()].filter(({ cache, keep }) => keep && cache.tier === "gha").map(({ cache }) => cache);
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  const candidates = kept
    .filter((cache) => cache.kind !== "other" && !isInUse(cache, facts) && !isProtected(cache, facts, newest))
    .sort(byKey(({ lastUsedAt, id }) => `${lastUsedAt ?? ""} ${String(id).padStart(20, "0")}`));
  for (const cache of candidates) {
    if (total <= budget) return;
    total -= cache.bytes;
    const unused = renderAge(secondsUnused(cache, facts));
    steps.set(cache, go(cache, `over the budget of ${renderBytes(budget)}, and unused for ${unused}`));
  }
}

function secondsUnused({ lastUsedAt, createdAt }: StoredCache, facts: RetentionFacts): number {
  return secondsSince(lastUsedAt ?? createdAt, facts);
}

/** Seconds since a time; zero if the time is unknown, so that the cache counts as new. */
function secondsSince(time: string | null, { now }: RetentionFacts): number {
  return time === null ? 0 : (Date.parse(now) - Date.parse(time)) / 1000;
}
