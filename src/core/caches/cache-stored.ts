import { describeCacheEntry } from "../../cache/actions-caches.ts";
import { type ImageCaches, readImageCaches } from "../../cache/registry-caches.ts";
import { isInterruption, SlipwayError } from "../../errors.ts";
import { listActionsCache } from "../../github/caches.ts";
import type { GitHubClient } from "../../github/client.ts";
import { findGitHub } from "../../github/context.ts";
import type { CacheListDocument, StoredCache } from "../../model/cache-documents.ts";
import { byCodeUnit, byKey } from "../../model/order.ts";
import type { ImageName } from "../../model/reference.ts";
import { settleAll } from "../../model/settle.ts";
import { makeRecordReader } from "../../records/record-reader.ts";
import { readRecords } from "../../records/records.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Filter over caches; undefined in a field: no restriction. */
export interface CacheSelection {
  readonly service: string | undefined;
  readonly tier: StoredCache["tier"] | undefined;
  readonly pullRequest: number | undefined;
}

/** All stored caches, whatever the selection, because the retention rules decide over the whole. */
export interface StoredCaches {
  readonly caches: readonly StoredCache[];
  /** Client of GitHub's API; undefined: GitHub was not asked. */
  readonly client: GitHubClient | undefined;
  readonly images: readonly ImageCaches[];
  readonly notes: readonly string[];
}

/** Lists the entries of GitHub's cache and the cache tags of the registry. Sends no request to a tier outside of the selection. */
export async function listStoredCaches(workspace: Workspace, selection: CacheSelection): Promise<CacheListDocument> {
  const { caches, client, notes } = await readStoredCaches(workspace, selection, { withoutGitHub: true });
  const entries = caches.filter(({ tier }) => tier === "gha");
  return {
    version: 1,
    github:
      client === undefined
        ? null
        : {
            repository: `${client.at.owner}/${client.at.repo}`,
            entries: entries.length,
            bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
          },
    caches: caches.filter((cache) => isSelected(cache, selection)),
    notes,
  };
}

/** Whether a cache matches the selection. */
export function isSelected(cache: StoredCache, { service, tier, pullRequest }: CacheSelection): boolean {
  return (
    (service === undefined || cache.service === service) &&
    (tier === undefined || cache.tier === tier) &&
    (pullRequest === undefined || cache.pullRequest === pullRequest)
  );
}

/**
 * Reads all stored caches. Throws `credentials` or `unavailable` when a selected tier cannot be read. `withoutGitHub`: return the
 * registry's caches even if GitHub cannot be read, with a note that says why, unless only GitHub's tier is selected.
 */
export async function readStoredCaches(
  workspace: Workspace,
  { tier }: CacheSelection,
  { withoutGitHub = false }: { readonly withoutGitHub?: boolean } = {},
): Promise<StoredCaches> {
  const [asked, registry] = await settleAll([
    attempt(tier === "registry" ? Promise.resolve(noGitHub) : readGitHub(workspace)),
    tier === "gha" ? Promise.resolve({ caches: [], images: [], notes: [] }) : readRegistry(workspace),
  ]);
  const { value, fault } = asked;
  if (fault !== undefined && (tier === "gha" || !withoutGitHub)) throw fault;
  const github = value ?? { ...noGitHub, notes: [`left out: ${withHint(fault)}`] };
  return {
    caches: [...github.caches, ...registry.caches],
    client: github.client,
    images: registry.images,
    notes: [...github.notes, ...registry.notes],
  };
}

const noGitHub: Omit<StoredCaches, "images"> = { caches: [], client: undefined, notes: [] };

function withHint(fault: SlipwayError | undefined): string {
  return [fault?.message, fault?.hint].filter((text) => text !== undefined).join("; ");
}

async function readGitHub(workspace: Workspace): Promise<Omit<StoredCaches, "images">> {
  const { host, repository, emit } = workspace;
  const context = findGitHub(workspace, repository.remote);
  const without = (note: string) => ({ caches: [], client: undefined, notes: [note] });
  if (context === undefined) return without("GitHub's cache was left out: the remote is not a repository on GitHub");
  const { token } = context;
  if (token === undefined) {
    return without("GitHub's cache was left out: set GH_TOKEN (or GITHUB_TOKEN in a workflow) to see it");
  }
  const { makeGitHubClient } = await import("../../github/client.ts");
  const client = makeGitHubClient(host, { ...context, token, emit });
  const entries = await listActionsCache(client);
  const caches = entries
    .map(describeCacheEntry)
    .sort(byKey(({ kind, service, ref, name }) => [kind, service ?? "~", ref, name].join(" ")));
  return { caches, client, notes: [] };
}

/** Reads the caches of all image names. An image name that cannot be read becomes a note; if none can be read, throws the first fault. */
async function readRegistry({ registry, project }: Workspace): Promise<Omit<StoredCaches, "client">> {
  const own = project.services.map(({ images: [first] }) => first);
  const gone = await attempt(readReleasedImages(registry, project.releases));
  const names = [...new Set([...own, ...(gone.value ?? [])])].sort(byCodeUnit);
  const read = await Promise.all(names.map((image) => attempt(readImageCaches(registry, image))));
  const images = read.flatMap(({ value }) => value ?? []);
  const [fault] = read.flatMap(({ fault }) => fault ?? []);
  if (images.length === 0 && fault !== undefined) throw fault;
  const faults = [gone, ...read].flatMap(({ fault }) => fault ?? []);
  const more = images
    .filter(({ more }) => more > 0)
    .map(
      ({ image, more }) =>
        `${image} has ${more} more tags of builds than one run reads: run this command again after it pruned`,
    );
  const notes = [...faults.map(({ message }) => `left out: ${message}`), ...more];
  return { caches: images.flatMap(({ caches }) => caches), images, notes };
}

interface Attempt<T> {
  readonly value?: T;
  readonly fault?: SlipwayError;
}

async function attempt<T>(task: Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await task };
  } catch (error) {
    if (!(error instanceof SlipwayError) || isInterruption(error)) throw error;
    return { fault: error };
  }
}

/** Number of newest releases (by record name) in which services that no longer exist are looked for. */
const mostReleases = 50;

/** First image names of recently released services. A service that no longer exists may have left caches there. */
async function readReleasedImages(registry: Workspace["registry"], releases: ImageName): Promise<ImageName[]> {
  const index = await readRecords(registry, releases);
  const reader = makeRecordReader(registry, releases, index);
  const read = await Promise.all(index.releases.slice(-mostReleases).map(({ tag }) => reader.release(tag)));
  return read
    .flatMap((release) => release?.manifest.services.map(({ images: [first] }) => first) ?? [])
    .filter((name) => name !== undefined);
}
