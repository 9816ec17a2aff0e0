import { readNeeds } from "../../cache/registry-caches.ts";
import {
  imageOf,
  planRetention,
  type RetentionFacts,
  type RetentionRules,
  type RetentionStep,
  whyGoneAreKept,
} from "../../cache/retention.ts";
import { errorMessage, hasKind, isInterruption, isRefusal, SlipwayError } from "../../errors.ts";
import { deleteActionsCache, listOpenPullRequests, readDefaultRef } from "../../github/caches.ts";
import type { GitHubClient } from "../../github/client.ts";
import type { CachePruneDocument, PrunedCache, StoredCache } from "../../model/cache-documents.ts";
import { parseDigest } from "../../model/digest.ts";
import { type ImageName, parseImageName, registryOf, repositoryOf } from "../../model/reference.ts";
import type { Trust } from "../../model/trust.ts";
import { type DeleteManifest, makeManifestDeleter, reasonItRemains } from "../workspace/delete-manifest.ts";
import { type CacheSelection, isSelected, readStoredCaches, type StoredCaches } from "./cache-stored.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Which caches to prune, and by which rules. */
export interface PruneRequest extends CacheSelection {
  readonly rules: RetentionRules;
  /** Whether to delete; false: only report what would be deleted. */
  readonly deletes: boolean;
}

/**
 * Deletes the caches that the rules no longer keep. A cache that is already gone is no error, so a repeated run continues where an earlier
 * one stopped. Deletes indexes before layers, so that no remaining index names a deleted layer. Throws `refused` when an untrusted run is
 * to delete.
 */
export async function pruneStoredCaches(workspace: Workspace, request: PruneRequest): Promise<CachePruneDocument> {
  if (request.deletes) checkMayDelete(workspace.trust);
  const stored = await readStoredCaches(workspace, request);
  const { facts, notes } = await readFacts(workspace, stored, request.rules);
  const steps = planRetention(stored.caches, facts, request.rules);
  const going = steps.filter(({ keep, cache }) => !keep && isSelected(cache, request)).sort(byTurn);
  const goes = new Set(going.map(({ cache }) => cache));
  const staying = stored.caches.filter((cache) => !goes.has(cache));
  const caches = request.deletes
    ? await deleteAll(workspace, stored.client, going)
    : going.map(({ cache, because }): PrunedCache => ({ ...cache, because, state: "would-go", failure: null }));
  return {
    version: 1,
    state: stateOf(caches, request.deletes),
    caches,
    kept: { entries: staying.length, bytes: staying.reduce((sum, { bytes }) => sum + bytes, 0) },
    commands: going.flatMap(({ cache }) => ghCommand(cache, stored.client) ?? []),
    notes: [...stored.notes, ...notes],
  };
}

/** Refuses deletions in an untrusted run, because the caches include those of trunk and of other pull requests. */
function checkMayDelete(trust: Trust): void {
  if (trust.kind === "trusted") return;
  throw new SlipwayError("run-untrusted", `cache prune deletes nothing for ${trust.because}`, {
    hint: "run it for a push, on a schedule or by hand (workflow_dispatch); without --yes it lists what it would delete",
  });
}

function stateOf(caches: readonly PrunedCache[], deletes: boolean): CachePruneDocument["state"] {
  if (caches.length === 0) return "nothing";
  if (!deletes) return "dry-run";
  return caches.some(({ state }) => state === "failed" || state === "left") ? "partly" : "pruned";
}

function ghCommand({ id }: StoredCache, client: GitHubClient | undefined): string | undefined {
  if (id === null || client === undefined) return undefined;
  return `gh cache delete ${id} --repo ${client.at.owner}/${client.at.repo}`;
}

const turns: readonly StoredCache["kind"][] = ["index", "layer", "cache", "build", "other"];

function byTurn(left: RetentionStep, right: RetentionStep): number {
  return turns.indexOf(left.cache.kind) - turns.indexOf(right.cache.kind);
}

/** Reads what the rules need besides the caches. Sends a request only if a rule depends on its answer. */
async function readFacts(
  { host, ci, repository, project, registry }: Workspace,
  { caches, client, images }: StoredCaches,
  rules: RetentionRules,
): Promise<{ readonly facts: RetentionFacts; readonly notes: readonly string[] }> {
  const asksPulls = rules.closedPullRequests && caches.some(({ pullRequest }) => pullRequest !== null);
  const [defaultRef, openPullRequests] = await Promise.all([
    client === undefined ? undefined : readDefaultRef(client),
    client === undefined || !asksPulls ? undefined : listOpenPullRequests(client),
  ]);
  const withCaches = images.filter((image) => image.caches.length > 0);
  const tags = await Promise.all(
    withCaches.map(async (image) => [image.image, await readNeeds(registry, image).catch(passOverFaults)] as const),
  );
  const unread = asksPulls && openPullRequests === undefined && client !== undefined;
  const facts: RetentionFacts = {
    now: host.now(),
    services: project.services,
    ref: refOf(repository.branch ?? ci.branch),
    defaultRef,
    openPullRequests,
    tags: new Map(tags),
  };
  const unjudged = rules.goneServices ? whyGoneAreKept(caches, facts) : undefined;
  return {
    facts,
    notes: [
      ...(unread
        ? [
            "GitHub did not list the open pull requests, so the caches of all pull requests are kept: give the token `pull-requests: read`",
          ]
        : []),
      ...(unjudged === undefined ? [] : [unjudged]),
    ],
  };
}

/** The branch's ref. CI checks out a commit without a branch, so the caller falls back to the branch of the CI run. */
function refOf(branch: string | undefined): string | undefined {
  return branch === undefined ? undefined : `refs/heads/${branch}`;
}

/** Swallows a read error, because a cache whose needs are unknown is kept. */
function passOverFaults(error: unknown): undefined {
  if (isInterruption(error)) throw error;
}

/** Upper limit of deletions per run. GitHub allows a job's token 1,000 requests an hour. */
const mostDeletions = 800;
/** Number of deletions at GitHub before each further one waits. GitHub's secondary rate limit allows about 180 deletions a minute. */
const quick = 100;
const pauseMs = 340;

async function deleteAll(
  workspace: Workspace,
  client: GitHubClient | undefined,
  going: readonly RetentionStep[],
): Promise<PrunedCache[]> {
  const done: PrunedCache[] = [];
  /** Reason why a registry deletes nothing, by registry. */
  const refusals = new Map<string, string>();
  const deleting: Deleting = { client, refusals, deleteManifest: makeManifestDeleter(workspace) };
  let asked = 0;
  for (const { cache, because } of going) {
    const pruned = { ...cache, because, failure: null };
    if (asked >= mostDeletions) {
      done.push({ ...pruned, state: "left" });
      continue;
    }
    asked += 1;
    if (asked > quick && cache.tier === "gha") await workspace.host.sleep(pauseMs);
    done.push({ ...pruned, ...(await deleteOne(deleting, cache)) });
  }
  return done;
}

type Deletion = Pick<PrunedCache, "state" | "failure">;

/** Clients that delete, and the registries that refused so far. */
interface Deleting {
  readonly client: GitHubClient | undefined;
  readonly refusals: Map<string, string>;
  readonly deleteManifest: DeleteManifest;
}

/**
 * Deletes one cache. Throws `credentials` and `unavailable`, because every further deletion would fail alike. A registry that refuses all
 * deletions is a failure of its entries, not an error.
 */
async function deleteOne({ client, refusals, deleteManifest }: Deleting, cache: StoredCache): Promise<Deletion> {
  if (cache.tier === "gha") {
    if (cache.id === null || client === undefined) return failed("GitHub was not asked");
    return ended(await deleteActionsCache(client, cache.id));
  }
  const image = parseImageName(imageOf(cache));
  if (image === undefined) return failed(`"${cache.name}" is no image`);
  if (registryOf(image) === "ghcr.io") return deletePackageTag(client, image, cache);
  const known = refusals.get(registryOf(image));
  if (known !== undefined) return failed(known);
  const digest = parseDigest(cache.digest ?? "");
  if (digest === undefined) return failed("its digest is not known");
  try {
    // Deletion by digest removes all tags that point at it.
    const deletion = await deleteManifest(image, digest, tagOf(cache));
    return deletion === "stays" ? failed(reasonItRemains(image)) : ended(deletion === "deleted");
  } catch (error) {
    if (!isRefusal(error) && !hasKind(error, "content-missing")) throw error;
    const failure = `${registryOf(image)} deletes nothing: ${errorMessage(error)}`;
    refusals.set(registryOf(image), failure);
    return failed(failure);
  }
}

function tagOf({ name }: StoredCache): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function ended(wasThere: boolean): Deletion {
  return { state: wasThere ? "deleted" : "gone", failure: null };
}

function failed(failure: string): Deletion {
  return { state: "failed", failure };
}

/**
 * Deletes a tag of GitHub's registry, which supports deletion only by its REST API. Keeps a package's last version, because deleting it
 * would delete the package and its access settings.
 */
async function deletePackageTag(
  client: GitHubClient | undefined,
  image: ImageName,
  cache: StoredCache,
): Promise<Deletion> {
  const [owner = "", ...rest] = repositoryOf(image).split("/");
  if (client === undefined || client.at.owner.toLowerCase() !== owner) {
    return failed(`GitHub's registry deletes only through its API, which needs a token of ${owner}`);
  }
  const { deletePackageVersion } = await import("../../github/packages.ts");
  const path = rest.join("/");
  switch (await deletePackageVersion(client, path, tagOf(cache), false)) {
    case "deleted":
      return ended(true);
    case "gone":
      return ended(false);
    case "last":
      return failed("it is the package's only version: to remove it, delete the package by hand");
    case "unseen":
      return failed(`the token does not see the package ${path}: it needs \`packages: write\` there`);
  }
}
