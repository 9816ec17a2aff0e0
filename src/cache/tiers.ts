import type { CacheEntry } from "../model/cache-entry.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageName } from "../model/reference.ts";
import type { CacheSetting, CacheTierName } from "../model/service.ts";
import type { GhaAccess } from "./gha-access.ts";
import { cacheScope, cacheTag } from "./names.ts";

/** The facts that decide the cache tiers of one service on one platform. */
export interface CacheTierRequest {
  readonly service: string;
  readonly platform: Platform;
  /** First image name, which holds the registry tier and `latest`. */
  readonly image: ImageName;
  /** Kind of the run; `local`: not in CI. */
  readonly event: "pull-request" | "trunk" | "tag" | "local";
  readonly available: CacheAvailability;
  readonly setting: CacheSetting;
  /** Whether this run publishes. A run that publishes nothing writes no cache that other runs read. */
  readonly publishes: boolean;
  /** Whether the builder exports and imports caches; the `docker` driver needs the containerd image store to do so. */
  readonly builder: { readonly exportsCaches: boolean };
  /** Whether GitHub's upload limit leaves room for this build; default: yes. See `hasRoomInGha`. */
  readonly hasRoomInGha?: boolean;
  /** Whether this service also writes the shared gha scope, which new services read. Only one service of a run does. */
  readonly writesShared?: boolean;
}

/** The caches that this run can reach. */
export interface CacheAvailability {
  readonly gha: GhaAccess;
  /** Whether the registry accepts cache manifests and can be read with the available credentials. */
  readonly registry: boolean;
  /** Repository `owner/name`, if a token can list its caches. Saves one look-up per layer at export. */
  readonly repository?: string | undefined;
}

/** The caches that BuildKit gets, and the tiers that are left out. */
export interface CacheTiers {
  /** Imports in order of preference. */
  readonly from: readonly CacheEntry[];
  readonly to: readonly CacheEntry[];
  /** Requested or expected tiers that are not used. A tier that is used in neither direction is listed once, as an import. */
  readonly leftOut: readonly LeftOutTier[];
}

/** One direction of one tier that is not used, and why. */
export interface LeftOutTier {
  readonly tier: CacheTierName;
  readonly direction: "import" | "export";
  readonly because: string;
}

/**
 * Decides which cache tiers one solve reads and writes. Imports are cheap, so every reachable tier is read. Exports cost time, so one tier
 * is written, and only by runs that publish. docs/decisions/0008-cache-tiers.md has the table and the reasons.
 */
export function planCacheTiers(request: CacheTierRequest): CacheTiers {
  const uses = tierNames.map((tier) => ({ tier, use: decideTier(request, tier) }));
  return {
    from: uses.flatMap(({ tier, use }) => (use.reads ? importEntries(request, tier) : [])),
    to: uses.flatMap(({ tier, use }) => (use.writes ? exportEntries(request, tier) : [])),
    leftOut: uses.flatMap(({ tier, use: { reads, because } }) =>
      because === undefined ? [] : [{ tier, direction: reads ? "export" : "import", because }],
    ),
  };
}

interface TierUse {
  readonly reads: boolean;
  readonly writes: boolean;
  /** Reason why a direction is unused, if the user should know it. */
  readonly because?: string | undefined;
}

const tierNames: readonly CacheTierName[] = ["gha", "registry", "latest", "inline"];

function decideTier(request: CacheTierRequest, tier: CacheTierName): TierUse {
  const { setting } = request;
  if (setting !== "auto" && !setting.includes(tier)) return { reads: false, writes: false };
  return deciders[tier](request);
}

const deciders: Readonly<Record<CacheTierName, (request: CacheTierRequest) => TierUse>> = {
  gha: decideGha,
  registry: decideRegistry,
  latest: decideLatest,
  inline: decideInline,
};

function decideGha(request: CacheTierRequest): TierUse {
  const { builder, setting, event, hasRoomInGha = true } = request;
  const { reads, writes, because } = request.available.gha;
  if (!reads && !writes) return leaveOut(because ?? "");
  if (!builder.exportsCaches) return leaveOut(needsOtherBuilder);
  // Only runs of the same tag can read a gha cache that a tag's run writes.
  const wants = mayWrite(request) && (setting !== "auto" || event === "trunk");
  if (!reads) return { reads, writes: wants, because };
  if (wants && !writes) return { reads, writes, because };
  if (wants && setting === "auto" && !hasRoomInGha) return { reads, writes: false, because: noRoom };
  return { reads, writes: wants };
}

function decideRegistry(request: CacheTierRequest): TierUse {
  const { available, builder, setting } = request;
  if (!available.registry) return leaveOut("the registry holds no caches, or cannot be read");
  const isFirst = setting !== "auto" || !decideGha(request).writes;
  return { reads: true, writes: builder.exportsCaches && mayWrite(request) && isFirst };
}

function decideLatest(request: CacheTierRequest): TierUse {
  if (request.setting === "auto" && hasRegistryTier(request)) return leaveOut(registryInstead);
  return { reads: true, writes: false };
}

function decideInline(request: CacheTierRequest): TierUse {
  if (request.setting === "auto" && hasRegistryTier(request)) return leaveOut(registryInstead);
  if (!mayWrite(request)) return leaveOut("this run publishes no images");
  return { reads: false, writes: true };
}

const needsOtherBuilder = "the builder cannot export caches: it needs the containerd image store, or another driver";
const noRoom = "this run builds more than GitHub's cache takes in a minute (200 entries)";
const registryInstead = "the registry tier is used, and inline cache would change the image's configuration";

function leaveOut(because: string): TierUse {
  return { reads: false, writes: false, because };
}

/** Whether a run may write caches. A pull request never may, whatever the configuration, because releases would read its layers. */
function mayWrite({ publishes, event }: CacheTierRequest): boolean {
  return publishes && event !== "pull-request";
}

function hasRegistryTier({ available, builder }: CacheTierRequest): boolean {
  return available.registry && builder.exportsCaches;
}

function importEntries(request: CacheTierRequest, tier: CacheTierName): CacheEntry[] {
  const { image, service, platform } = request;
  const registryRef = `${image}:${cacheTag(service, platform)}`;
  const scopes = [cacheScope({ service, platform }), cacheScope({ service: null, platform })];
  const entries: Readonly<Record<CacheTierName, readonly CacheEntry["attributes"][]>> = {
    gha: scopes.map((scope) => gha(scope, importTimeout)),
    registry: [{ type: "registry", ref: registryRef }],
    latest: [{ type: "registry", ref: `${image}:latest` }],
    inline: [],
  };
  return entries[tier].map((attributes) => ({ tier, attributes }));
}

function exportEntries(request: CacheTierRequest, tier: CacheTierName): CacheEntry[] {
  const { image, service, platform, available, writesShared = false } = request;
  const { repository } = available;
  const registryRef = `${image}:${cacheTag(service, platform)}`;
  const shared = writesShared ? [cacheScope({ service: null, platform })] : [];
  const scopes = [cacheScope({ service, platform }), ...shared];
  const listing = repository === undefined ? {} : { repository };
  const format = { "image-manifest": "true", "oci-mediatypes": "true" };
  const entries: Readonly<Record<CacheTierName, readonly CacheEntry["attributes"][]>> = {
    gha: scopes.map((scope) => ({ ...gha(scope, exportTimeout), ...listing, ...all })),
    registry: [{ type: "registry", ref: registryRef, ...format, ...all }],
    latest: [],
    inline: [{ type: "inline" }],
  };
  return entries[tier].map((attributes) => ({ tier, attributes }));
}

/** Attributes that export the layers of all stages; an export that fails does not fail the build. */
const all = { mode: "max", "ignore-error": "true" } as const;

/** Time that BuildKit retries an import while the service throttles or fails. BuildKit's own default is ten minutes. */
const importTimeout = "20s";
/** Time that BuildKit retries an export, longer than the minute in which GitHub counts uploads. */
const exportTimeout = "90s";

function gha(scope: string, timeout: string): Record<string, string> {
  return { type: "gha", scope, version: "2", timeout };
}
