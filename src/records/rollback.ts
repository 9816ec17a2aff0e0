import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { eachImage } from "../model/image-tags.ts";
import type { ImageName } from "../model/reference.ts";
import type { RollbackRecord } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { decideTags, type TaggedService } from "./decide-tags.ts";
import { findRecordedRelease } from "./find-release.ts";
import { makeTagMover, type TagMove } from "./move-tags.ts";
import {
  makeRollbackName,
  type RecordIndex,
  type ReleaseName,
  type RollbackName,
  displayName,
} from "./record-names.ts";
import { makeRecordReader, type RecordReader } from "./record-reader.ts";
import { putRollback, readRecords, type StoredRelease } from "./records.ts";
import { reconcile } from "./reconcile.ts";
import { missingManifest } from "../images/wholeness.ts";

/** The release to roll back to. */
export interface RollbackRequest {
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  /** A version, a record's tag, or a branch's commit. */
  readonly to: string;
  /** Look for the release in this group only. */
  readonly group?: string;
  /** Only report which tags would move. */
  readonly dryRun?: boolean;
}

/** The result of a rollback. */
export interface RolledBack {
  readonly to: StoredRelease;
  /** The rollback's record; undefined in a dry run. */
  readonly record: string | undefined;
  /** Whether the last rollback had the same target and nothing was released since. */
  readonly already: boolean;
  /** Every tag of the target, and its result; in a dry run, the expected one. */
  readonly moves: readonly TagMove[];
}

/**
 * Sends a release's moving tags back to it, by a record that holds until a release newer than all current ones. Throws `usage` when there
 * is no such release, `refused` when it has no moving tags or its images are gone.
 */
export async function rollBackTo(
  host: Host,
  registry: Registry,
  request: RollbackRequest,
  emit: Emit,
): Promise<RolledBack> {
  const { releases, services, dryRun = false } = request;
  const index = await readRecords(registry, releases);
  const reader = makeRecordReader(registry, releases, index);
  const target = findRecordedRelease(index, request.to, request.group);
  const to = await readTarget(registry, releases, reader, target);
  const before = await sameRollback(reader, index, target);
  const name = before ?? nextRollback(host, index, target);
  const record = makeRecord(host, index, to);
  if (dryRun) {
    reader.remember(name.tag, { record, raw: to.raw });
    const planned = { ...index, rollbacks: [...index.rollbacks.filter(({ tag }) => tag !== name.tag), name] };
    const targets = await decideTags(reader, planned, [name.tag], services);
    const moves = await makeTagMover(host, registry, new Map(), emit).look(targets);
    return { to, record: undefined, already: before !== undefined, moves };
  }
  if (before === undefined) {
    const stored = await putRollback(registry, releases, name.tag, record);
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
  const own = moves.filter((move) => move.target.askedBy.includes(name.tag));
  return { to, record: name.tag, already: before !== undefined, moves: own };
}

/** Reads the target: it must have moving tags, and all images behind them must be whole. */
async function readTarget(
  registry: Registry,
  releases: ImageName,
  reader: RecordReader,
  target: ReleaseName,
): Promise<StoredRelease> {
  const to = await reader.release(target.tag);
  if (to === undefined) {
    throw new SlipwayError("registry-inconsistent", `${releases}:${target.tag} is listed but not there`, {
      hint: "try again in a moment",
    });
  }
  const { commit } = to.manifest;
  const name = displayName(target);
  const services = to.manifest.services.filter((each) => eachImage(each).some(({ tags }) => tags.moving.length > 0));
  if (services.length === 0) {
    throw new SlipwayError("no-moving-tags", `release ${name} has no moving tags to go back to`, {
      hint: "a pre-release moves no tags; roll back to a full release",
    });
  }
  const missing = await Promise.all(services.map((service) => missingManifest(registry, service)));
  const gone = services.flatMap(({ service, images }, at) =>
    missing[at] === undefined ? [] : [{ service, lost: `${images[0]}@${missing[at]}` }],
  );
  if (gone.length === 0) return to;
  const lines = gone.map(({ service, lost }) => `  ${service}: ${lost} is not there`);
  const rebuilt = gone.map(({ service }) => service).join(" ");
  const message = `images of release ${name} are not whole in the registry; no tag was moved:`;
  throw new SlipwayError("image-gone", [message, ...lines], {
    hint: `roll back to another release (\`slipway status\` lists them), or build these images again: check out ${commit.slice(0, 7)} and release it under the next version, with \`slipway release VERSION --force ${rebuilt}\``,
  });
}

/** The last rollback of the group, if it had the same target and knew all current releases, so that repeating it changes nothing. */
async function sameRollback(
  reader: RecordReader,
  index: RecordIndex,
  target: ReleaseName,
): Promise<RollbackName | undefined> {
  const last = index.rollbacks.filter(({ group }) => group === target.group).at(-1);
  if (last === undefined || last.to !== target.tag) return undefined;
  const knew = new Set((await reader.rollback(last.tag))?.record.knew);
  return releasesOf(index, target.group).every((tag) => knew.has(tag)) ? last : undefined;
}

function nextRollback(host: Host, index: RecordIndex, target: ReleaseName): RollbackName {
  const sequence = index.rollbacks.reduce((most, each) => Math.max(most, each.sequence), 0) + 1;
  const nonce = Math.floor(host.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
  return makeRollbackName(target, sequence, nonce);
}

function makeRecord(host: Host, index: RecordIndex, to: StoredRelease): RollbackRecord {
  const { group } = to.manifest;
  const knew = releasesOf(index, to.name.group);
  return { schemaVersion: 1, group, to: to.name.tag, knew, decidedAt: host.now() };
}

function releasesOf(index: RecordIndex, group: string): string[] {
  return index.releases.flatMap((name) => (name.group === group ? [name.tag] : [])).sort();
}
