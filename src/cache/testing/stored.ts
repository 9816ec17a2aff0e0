import type { StoredCache } from "../../model/cache-documents.ts";

/** Time at which the tables below are read. */
export const now = "2026-03-01T12:00:00.000Z";

export function ago(seconds: number): string {
  return new Date(Date.parse(now) - seconds * 1000).toISOString();
}

export const hour = 3600;
export const day = 86_400;

/** An entry of GitHub's cache: the newest index of api on main, written ten days ago and used three hours ago. */
export function entry(overrides: Partial<StoredCache> & { readonly id: number }): StoredCache {
  return {
    tier: "gha",
    kind: "index",
    name: "index-slipway-api-linux-amd64-1-0a1b2c3d#1",
    digest: null,
    service: "api",
    platform: "linux/amd64",
    ref: "refs/heads/main",
    pullRequest: null,
    bytes: 1000,
    createdAt: ago(10 * day),
    lastUsedAt: ago(3 * hour),
    ...overrides,
  };
}

/** A layer of any service on main. */
export function layer(overrides: Partial<StoredCache> & { readonly id: number }): StoredCache {
  const name = `buildkit-blob-1-sha256:${String(overrides.id).padStart(64, "0")}`;
  return entry({ kind: "layer", name, service: null, platform: null, bytes: 1_000_000, ...overrides });
}

/** A tag of api's image name. */
export function tag(overrides: Partial<StoredCache>): StoredCache {
  return {
    ...entry({ id: 0 }),
    tier: "registry",
    kind: "cache",
    name: "ghcr.io/acme/shop/api:cache-api-linux-amd64",
    id: null,
    digest: `sha256:${"c".repeat(64)}`,
    ref: null,
    lastUsedAt: null,
    ...overrides,
  };
}
