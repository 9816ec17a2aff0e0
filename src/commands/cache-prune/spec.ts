import type { CachePruneDocument } from "../../model/cache-documents.ts";
import { cacheFilters } from "../cache-list/filters.ts";
import { textFlag, toggleFlag } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {},
  flags: {
    ...cacheFilters,
    unused: textFlag("--unused <age>", "entries that were unused for this long (default: 7d)"),
    budget: textFlag("--budget <size>", "the longest unused on GitHub, until the rest fits (default: 8GB)"),
    closedPullRequests: toggleFlag("--closed-pull-requests", "entries of closed pull requests"),
    goneServices: toggleFlag("--gone-services", "entries of removed services and platforms"),
    leftovers: toggleFlag("--leftovers", "replaced indexes, layers without one, builds a day old"),
    yes: toggleFlag("-y, --yes", "delete"),
    dryRun: toggleFlag("--dry-run", "only list the entries (default, without --yes)"),
  },
};

export type CachePruneOptions = OptionsOf<typeof written>;

export const cachePrune: CommandSpec<CachePruneOptions, CachePruneDocument> = {
  name: "cache prune",
  summary: "List cache entries and leftovers that are not needed any more; with --yes, delete them",
  ...written,
  explanation: `
Without a rule (--unused, --budget, --closed-pull-requests, --gone-services,
--leftovers) all five apply. Caches used in the last hour are kept, and so are
the newest index of each service that is built, and caches that are not
Slipway's. The token needs actions: write; \`slipway cache list\` needs
actions: read.`,
  examples: [
    { run: "slipway cache prune", for: "what would go" },
    { run: "slipway cache prune --yes", for: "delete it" },
    { run: "slipway cache prune --budget 5GB --yes", for: "by one rule" },
    { run: "slipway cache prune --pull-request 12 --yes", for: "when it is closed" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
