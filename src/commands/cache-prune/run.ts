import type { RetentionRules } from "../../cache/retention.ts";
import { parseDuration } from "../../config/project/templates.ts";
import { SlipwayError } from "../../errors.ts";
import { parseBytes } from "../../formats/bytes.ts";
import type { CachePruneDocument } from "../../model/cache-documents.ts";
import { pruneStoredCaches } from "../../core/caches/cache-prune.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import type { CachePruneOptions } from "./spec.ts";

export { renderCachePrune as render } from "../../report/render-caches.ts";

/** Shows the entries to delete, and deletes them with `--yes`. Throws `usage` for an invalid age or size. */
export async function run(workspace: Workspace, options: CachePruneOptions): Promise<CachePruneDocument> {
  return pruneStoredCaches(workspace, { ...options, rules: rulesOf(options), deletes: options.yes && !options.dryRun });
}

const defaults = { unusedSeconds: 7 * 86_400, budgetBytes: 8_000_000_000 } as const;

/** Returns the rules for the requested limits, or all rules. */
function rulesOf(options: CachePruneOptions): RetentionRules {
  const { unused, budget, closedPullRequests, goneServices, leftovers } = options;
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
  throw new SlipwayError("option-invalid", `--unused "${text}" is no age`, { hint: "such as 7d, 12h or 2w" });
}

function parseBudget(text: string): number {
  const bytes = parseBytes(text);
  if (bytes !== undefined) return bytes;
  throw new SlipwayError("option-invalid", `--budget "${text}" is no size`, { hint: "such as 8GB or 500MB" });
}
