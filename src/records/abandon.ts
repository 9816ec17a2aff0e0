import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { eachImage } from "../model/image-tags.ts";
import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { decideTags, type TaggedService } from "./decide-tags.ts";
import { findReleaseToAbandon } from "./find-release.ts";
import { makeTagMover, type TagMove } from "./move-tags.ts";
import {
  compareReleases,
  makeAbandonmentName,
  type RecordIndex,
  type ReleaseName,
  displayName,
} from "./record-names.ts";
import { makeRecordReader, type RecordReader } from "./record-reader.ts";
import { putAbandonment, readRecords, type StoredRelease } from "./records.ts";
import { reconcile } from "./reconcile.ts";

/** The release to abandon. */
export interface AbandonRequest {
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  /** A version, a record's tag, or a branch's commit. */
  readonly release: string;
  /** Look for the release in this group only. */
  readonly group?: string;
  /** Only report which tags would move. */
  readonly dryRun?: boolean;
}

/** The result of an abandonment. */
export interface Abandoned {
  readonly release: StoredRelease;
  /** The abandonment's record; undefined in a dry run. */
  readonly record: string | undefined;
  /** Whether the release was abandoned before. */
  readonly already: boolean;
  /** Moving tags that the release gave and that belong to another release now. */
  readonly moves: readonly TagMove[];
  /** Tags as `IMAGE:TAG` that stay where they are: version tags, and moving tags that no other release gives. */
  readonly left: readonly string[];
}

/**
 * Abandons, by a record, a release that cannot be finished or whose version tags hold other images. Its moving tags go to the releases that
 * they belong to without it. Nothing is deleted, and later commands ignore the release. Throws `usage` when there is no such release,
 * `refused` when all of it is in place, or when a rollback to it holds tags that would go forward.
 */
export async function abandonRelease(
  host: Host,
  registry: Registry,
  request: AbandonRequest,
  emit: Emit,
): Promise<Abandoned> {
  const { releases, services, dryRun = false } = request;
  const index = await readRecords(registry, releases);
  const reader = makeRecordReader(registry, releases, index);
  const target = findReleaseToAbandon(index, request.release, request.group);
  const before = index.abandonments.find(({ of }) => of === target.tag);
  const release = await reader.release(target.tag);
  if (release === undefined) {
    throw new SlipwayError(
      "registry-inconsistent",
      `abandoning ${displayName(target)}: ${releases}:${target.tag} is listed but not there`,
      {
        hint: "try again in a moment",
      },
    );
  }
  if (before === undefined) {
    await checkIsWanting(host, registry, reader, { index, target, services });
    await checkHoldsNothing(reader, { index, target, services });
  }
  const name = before ?? makeAbandonmentName(target);
  const record = {
    schemaVersion: 1,
    group: release.manifest.group,
    release: target.tag,
    abandonedAt: host.now(),
  } as const;
  const done = { release, already: before !== undefined };
  if (dryRun) {
    const targets = await decideTags(reader, without(index, target), [name.tag], services);
    const moves = await makeTagMover(host, registry, new Map(), emit).look(targets);
    return { ...done, record: undefined, moves, left: leftOf(release, moves) };
  }
  if (before === undefined) {
    const stored = await putAbandonment(registry, releases, name.tag, record);
    reader.remember(name.tag, stored);
    emit({
      kind: "committed",
      record: name.tag,
      release: displayName(name),
      digest: stored.raw.digest,
      already: false,
    });
  }
  const { moves } = await reconcile(host, registry, { releases, services, own: name.tag, reader }, emit);
  const own = moves.filter(({ target: { askedBy } }) => askedBy.includes(name.tag));
  return { ...done, record: name.tag, moves: own, left: leftOf(release, own) };
}

function without(index: RecordIndex, { tag }: ReleaseName): RecordIndex {
  return { ...index, releases: index.releases.filter((each) => each.tag !== tag) };
}

/** The release to abandon, with the facts that decide its tags. */
interface Wanted {
  readonly index: RecordIndex;
  readonly target: ReleaseName;
  readonly services: readonly TaggedService[];
}

/** Refuses a finished and whole release: its version tags may be in use, and a rollback leads back from it. */
async function checkIsWanting(
  host: Host,
  registry: Registry,
  reader: RecordReader,
  { index, target, services }: Wanted,
): Promise<void> {
  if (!index.promoted.has(target.tag)) return;
  const targets = (await decideTags(reader, index, [target.tag], services)).filter(({ kind }) => kind === "version");
  const looked = await makeTagMover(host, registry, new Map(), () => undefined).look(targets);
  for (const { state, error } of looked) if (state === "failed") throw error;
  if (looked.some(({ state }) => state !== "already")) return;
  throw new SlipwayError(
    "release-finished",
    `release ${displayName(target)} is finished, and every version tag of it is in place`,
    {
      hint: "to stop shipping it, go back to another release: slipway rollback RELEASE",
    },
  );
}

/**
 * Refuses the target of a rollback that holds tags: abandoning it would end the rollback, and ship again the releases that were rolled
 * back.
 */
async function checkHoldsNothing(reader: RecordReader, { index, target, services }: Wanted): Promise<void> {
  const held = (await decideTags(reader, index, [target.tag], services)).filter(
    ({ rollback, release }) => rollback !== undefined && release.tag === target.tag,
  );
  if (held.length === 0) return;
  const name = makeAbandonmentName(target).tag;
  const next = await decideTags(reader, without(index, target), [name], services);
  const forward = held.flatMap(({ service, tag, images, rollback }) =>
    next.flatMap((each) => {
      if (each.service !== service || each.tag !== tag || compareReleases(each.release, target) <= 0) return [];
      return each.images
        .filter((image) => images.includes(image))
        .map((image) => `  ${image}:${tag} would go to ${displayName(each.release)} (held by ${rollback?.tag})`);
    }),
  );
  if (forward.length === 0) return;
  const what = displayName(target);
  const message = `a rollback holds tags at ${what}; without it they go forward to the releases that were rolled back:`;
  throw new SlipwayError("tags-in-use", [message, ...forward.sort()], {
    hint: `first move these tags to another release, with \`slipway rollback RELEASE\` to another release or by releasing a newer version; then \`slipway abandon ${what}\``,
  });
}

function leftOf({ manifest }: StoredRelease, moves: readonly TagMove[]): string[] {
  const moving = new Set(moves.map(({ image, target }) => `${image}:${target.tag}`));
  return manifest.services
    .flatMap(eachImage)
    .flatMap(({ image, tags }) => [...tags.version, ...tags.moving].map((tag) => `${image}:${tag}`))
    .filter((place) => !moving.has(place))
    .sort();
}
