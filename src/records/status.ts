import type { Host } from "../host.ts";
import type { ReleaseStatus, Status, TagStatus } from "../model/status-document.ts";
import { byKey } from "../model/order.ts";
import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { decideTags, type TaggedService } from "./decide-tags.ts";
import { makeTagMover } from "./move-tags.ts";
import {
  compareReleases,
  parseReleaseTag,
  type RecordIndex,
  recordTagsOf,
  type ReleaseName,
  displayName,
} from "./record-names.ts";
import { makeRecordReader, type RecordReader } from "./record-reader.ts";
import { readRecords, type StoredRelease } from "./records.ts";

/** The releases to show. */
export interface StatusRequest {
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  /** Number of releases to show, the newest first. Default: 10. */
  readonly limit?: number;
}

/** Reads where tags are and where they should be. Changes nothing. */
export async function readStatus(host: Host, registry: Registry, request: StatusRequest): Promise<Status> {
  const { releases, services, limit = 10 } = request;
  const index = await readRecords(registry, releases);
  const reader = makeRecordReader(registry, releases, index);
  const unfinished = unfinishedRecords(index);
  const abandoned = index.abandonments.flatMap(({ of }) => parseReleaseTag(of) ?? []);
  const shown = await readShown(reader, [...index.releases, ...abandoned].sort(compareReleases), limit);
  const rollbacks = index.rollbacks.toReversed().slice(0, limit);
  const read = await Promise.all(rollbacks.map(async ({ tag }) => ({ tag, stored: await reader.rollback(tag) })));
  const putAside = new Set(abandoned.map(({ tag }) => tag));
  const live = shown.map(({ name }) => name.tag).filter((tag) => !putAside.has(tag));
  const asked = [...new Set([...live, ...rollbacks.map(({ tag }) => tag), ...unfinished.slice(-mostUnfinishedRead)])];
  const tags = await readTags(host, registry, await decideTags(reader, index, asked, services));
  const spoiltNames = new Set(tags.filter(isSpoilt).map(({ release }) => release));
  const spoilt = index.releases.filter((name) => spoiltNames.has(displayName(name))).map(({ tag }) => tag);
  const open = new Set(unfinished);
  const stateOf = (tag: string): ReleaseStatus["state"] => {
    if (putAside.has(tag)) return "abandoned";
    if (spoilt.includes(tag)) return "spoilt";
    return open.has(tag) ? "unfinished" : "finished";
  };
  return {
    releases: shown.map((release) => releaseStatus(host, release, index, stateOf(release.name.tag))),
    rollbacks: read.flatMap(({ tag, stored }) =>
      stored === undefined ? [] : [{ record: tag, to: nameOf(stored.record.to), decidedAt: stored.record.decidedAt }],
    ),
    tags,
    unfinished,
    spoilt,
    abandonments: await readAbandonments(reader, index),
  };
}

/** Upper limit of unfinished records, and of abandonments, to read; the last ones are read. Slipway never leaves that many. */
const mostUnfinishedRead = 100;

/** The name of a record's release on the command line. */
function nameOf(record: string): string {
  const name = parseReleaseTag(record);
  return name === undefined ? record : displayName(name);
}

/** Records without a mark, oldest first. */
function unfinishedRecords(index: RecordIndex): string[] {
  return recordTagsOf(index).filter((tag) => !index.promoted.has(tag));
}

/** Whether a version tag holds another image, which no command moves. The next command puts a version tag that is absent. */
function isSpoilt({ kind, isAt, wrong }: TagStatus): boolean {
  return kind === "version" && wrong !== null && isAt !== null;
}

async function readAbandonments(reader: RecordReader, { abandonments }: RecordIndex): Promise<Status["abandonments"]> {
  const read = await Promise.all(
    abandonments
      .slice(-mostUnfinishedRead)
      .map(async ({ tag, of }) => ({ tag, of, stored: await reader.abandonment(tag) })),
  );
  return read.flatMap(({ tag, of, stored }) =>
    stored === undefined ? [] : [{ record: tag, release: nameOf(of), abandonedAt: stored.abandonment.abandonedAt }],
  );
}

/** Upper limit of records to read in search of the newest. */
const mostCandidates = 1000;

/** Finds the newest releases by time. Names do not contain times, so the last `limit` of each line are read. */
async function readShown(reader: RecordReader, names: readonly ReleaseName[], limit: number): Promise<StoredRelease[]> {
  const lines = new Map<string, string[]>();
  for (const name of names) {
    const line = `${name.group} ${name.kind === "version" ? "" : name.branch}`;
    const tags = lines.get(line) ?? [];
    tags.push(name.tag);
    lines.set(line, tags);
  }
  // Where there are more lines than may be read, a group's versions come before its branches.
  const sorted = [...lines].sort(byKey(([line]) => line)).slice(0, mostCandidates);
  const each = Math.min(limit, Math.max(1, Math.floor(mostCandidates / Math.max(1, sorted.length))));
  const candidates = sorted.flatMap(([, tags]) => tags.slice(-each));
  const read = await Promise.all(candidates.map((tag) => reader.release(tag)));
  const found = read.flatMap((release) => release ?? []);
  const byTime = (left: StoredRelease, right: StoredRelease): number =>
    Date.parse(right.manifest.releasedAt) - Date.parse(left.manifest.releasedAt) ||
    (left.name.tag < right.name.tag ? 1 : -1);
  return found.sort(byTime).slice(0, limit);
}

function releaseStatus(
  host: Host,
  { name, manifest }: StoredRelease,
  { promoted }: RecordIndex,
  state: ReleaseStatus["state"],
): ReleaseStatus {
  const { group, subject, commit, releasedAt } = manifest;
  const now = Date.parse(host.now());
  return {
    record: name.tag,
    group,
    version: subject.kind === "version" ? subject.version : null,
    branch: subject.kind === "branch" ? subject.branch : null,
    commit,
    releasedAt,
    isFinished: promoted.has(name.tag),
    state,
    services: manifest.services.map((service) => ({
      service: service.service,
      images: service.images,
      digest: service.digest,
      origin: service.origin,
      commit: service.commit,
      builtAt: service.builtAt,
      ageSeconds: Math.max(0, Math.round((now - Date.parse(service.builtAt)) / 1000)),
    })),
  };
}

async function readTags(
  host: Host,
  registry: Registry,
  targets: Awaited<ReturnType<typeof decideTags>>,
): Promise<TagStatus[]> {
  const looked = await makeTagMover(host, registry, new Map(), () => {}).look(targets);
  const tags = looked.map(({ target, image, from, state, error }): TagStatus => {
    if (state === "failed") throw error;
    const { service, tag, kind, digest, release, rollback } = target;
    const name = displayName(release);
    const belongs = rollback === undefined ? `belongs to ${name}` : `is rolled back to ${name}`;
    const wrong = state === "already" ? null : from === null ? `is not there, ${belongs}` : `is at ${from}, ${belongs}`;
    return {
      service,
      image,
      tag,
      kind,
      isAt: from,
      belongsAt: digest,
      release: name,
      rollback: rollback?.tag ?? null,
      wrong,
    };
  });
  const key = ({ image, tag }: TagStatus): string => `${image}:${tag}`;
  return tags.sort((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0));
}
