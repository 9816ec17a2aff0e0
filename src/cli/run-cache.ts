import type { RetentionRules } from "../cache/retention.ts";
import { parseDuration } from "../config/templates.ts";
import { SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import { pruneCaches } from "../pipeline/cache-prune.ts";
import { type CacheSelection, listCaches } from "../pipeline/cache-stored.ts";
import { openWorkspace } from "../pipeline/workspace.ts";
import { renderCacheList, renderCachePrune } from "../report/render-caches.ts";
import { type CommonOptions, withSession } from "./session.ts";

/** Options of `slipway cache list`. */
export interface CacheListOptions extends CommonOptions {
  readonly service?: string;
  readonly tier?: "gha" | "registry";
  readonly pullRequest?: number;
}

/** Options of `slipway cache prune`. */
export interface CachePruneOptions extends CacheListOptions {
  readonly unused?: string;
  readonly budget?: string;
  readonly closedPullRequests?: boolean;
  readonly goneServices?: boolean;
  readonly leftovers?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** Lists what is stored; gives the exit code, as all commands. */
export function runCacheList(host: Host, options: CacheListOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const found = await listCaches(await openWorkspace(host, options, emit), selectionOf(options));
    print(found, found, (shown, style) => renderCacheList(shown, style, host.now()));
    return 0;
  });
}

/** Shows what would go; with `--yes` deletes it. Throws `usage` for an age or a size that is none. */
export function runCachePrune(host: Host, options: CachePruneOptions): Promise<number> {
  return withSession(host, options, async ({ emit, print }) => {
    const rules = rulesOf(options);
    const deletes = options.yes === true && options.dryRun !== true;
    const workspace = await openWorkspace(host, options, emit);
    const result = await pruneCaches(workspace, { ...selectionOf(options), rules, deletes });
    print(result, result, renderCachePrune);
    return 0;
  });
}

function selectionOf({ service, tier, pullRequest }: CacheListOptions): CacheSelection {
  return { service, tier, pullRequest };
}

const defaults = { unusedSeconds: 7 * 86_400, budgetBytes: 8_000_000_000 } as const;

/** The rules that were named, or all. */
function rulesOf(options: CachePruneOptions): RetentionRules {
  const { unused, budget, closedPullRequests = false, goneServices = false, leftovers = false } = options;
  const named = {
    unusedSeconds: unused === undefined ? undefined : parseUnused(unused),
    budgetBytes: budget === undefined ? undefined : parseBudget(budget),
    closedPullRequests,
    goneServices,
    leftovers,
  };
  const isNamed = unused !== undefined || budget !== undefined || closedPullRequests || goneServices || leftovers;
  return isNamed ? named : { ...defaults, closedPullRequests: true, goneServices: true, leftovers: true };
}

function parseUnused(text: string): number {
  const seconds = parseDuration(text);
  if (typeof seconds === "number") return seconds;
  throw new SlipwayError("usage", `--unused "${text}" is no age`, { hint: "such as 7d, 12h or 2w" });
}

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

function parseBudget(text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?) ?([MGT]B)$/i.exec(text) ?? [];
  const bytes = Number(count) * (units[unit.toUpperCase()] ?? Number.NaN);
  if (bytes >= 0) return bytes;
  throw new SlipwayError("usage", `--budget "${text}" is no size`, { hint: "such as 8GB or 500MB" });
}
