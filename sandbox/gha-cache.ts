import { startGitHub } from "./github/index.ts";

/** A stand-in for GitHub's Actions cache service alone, without its limits. */
export interface GhaCache {
  /** What BuildKit's `type=gha` reads of the variables a job on GitHub has. */
  readonly env: {
    readonly ACTIONS_RESULTS_URL: string;
    readonly ACTIONS_CACHE_URL: string;
    readonly ACTIONS_RUNTIME_TOKEN: string;
    readonly ACTIONS_CACHE_SERVICE_V2: string;
  };
  /** Keys of whole entries, sorted. */
  keys(): readonly string[];
  stats(): GhaCacheStats;
  resetStats(): void;
  snapshot(): GhaCacheSnapshot;
  restore(snapshot: GhaCacheSnapshot): void;
  close(): Promise<void>;
}

/** Requests to the cache since its start or the last {@link GhaCache.resetStats}. */
export interface GhaCacheStats {
  readonly requests: number;
  /** Requests by what they were: `CreateCacheEntry`, `PUT block`, `GET`, … */
  readonly byKind: Readonly<Record<string, number>>;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly entries: number;
  readonly storedBytes: number;
}

/** The stored entries by version and key, to be put back before another measurement. */
export type GhaCacheSnapshot = ReadonlyMap<string, Uint8Array>;

const scope = "refs/heads/main";

/** Everything is kept in memory. Answers can be held back to stand for a network. */
export async function startGhaCache(options: { delayMilliseconds?: number } = {}): Promise<GhaCache> {
  const unlimited = { uploadsPerMinute: Infinity, bytes: Infinity, unusedDays: Infinity };
  const github = await startGitHub({ repository: "acme/shop", cacheLimits: unlimited });
  const milliseconds = options.delayMilliseconds ?? 0;
  if (milliseconds > 0) github.setFaults(() => ({ kind: "delay", milliseconds }));
  const job = await github.env({ ref: scope });
  const variable = (name: string) => job[name] ?? "";
  return {
    env: {
      ACTIONS_RESULTS_URL: variable("ACTIONS_RESULTS_URL"),
      ACTIONS_CACHE_URL: variable("ACTIONS_CACHE_URL"),
      ACTIONS_RUNTIME_TOKEN: variable("ACTIONS_RUNTIME_TOKEN"),
      ACTIONS_CACHE_SERVICE_V2: variable("ACTIONS_CACHE_SERVICE_V2"),
    },
    keys: () =>
      github
        .caches()
        .map((entry) => entry.key)
        .sort(),
    stats() {
      const sum = (of: (entry: (typeof github.log)[number]) => number) =>
        github.log.reduce((total, entry) => total + of(entry), 0);
      const names = new Set(github.log.map(({ operation }) => operation));
      return {
        requests: github.log.length,
        byKind: Object.fromEntries([...names].map((operation) => [operation, github.count({ operation })])),
        bytesIn: sum((entry) => entry.bytesIn),
        bytesOut: sum((entry) => entry.bytesOut),
        entries: github.caches().length,
        storedBytes: github.caches().reduce((total, entry) => total + (entry.bytes ?? 0), 0),
      };
    },
    resetStats: () => github.clearLog(),
    snapshot: () => new Map(github.snapshotCaches().map(({ version, key, content }) => [`${version}|${key}`, content])),
    restore: (snapshot) =>
      github.restoreCaches(
        [...snapshot].map(([name, content]) => {
          const bar = name.indexOf("|");
          return { ref: scope, version: name.slice(0, bar), key: name.slice(bar + 1), content };
        }),
      ),
    close: () => github.close(),
  };
}
