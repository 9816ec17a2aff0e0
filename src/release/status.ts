import type { Host } from "../host.ts";
import type { ReleaseStatus, Status, TagStatus } from "../model/documents.ts";
import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { decideTags, type TaggedService } from "./decide-tags.ts";
import { makeTagMover } from "./move-tags.ts";
import type { RecordIndex } from "./record-names.ts";
import { makeRecordReader, readRecords, type RecordReader, type StoredRelease } from "./records.ts";

/** What to show. */
export interface StatusRequest {
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  /** How many releases to show, the newest first. Default 10. */
  readonly limit?: number;
}

/** Where everything is and should be. Changes nothing. */
export async function readStatus(host: Host, registry: Registry, request: StatusRequest): Promise<Status> {
  const { releases, services, limit = 10 } = request;
  const reader = makeRecordReader(registry, releases);
  const index = await readRecords(registry, releases);
  const unfinished = unfinishedRecords(index);
  const shown = await readShown(reader, index, limit);
  const rollbacks = index.rollbacks.toReversed().slice(0, limit);
  const read = await Promise.all(rollbacks.map(async ({ tag }) => ({ tag, stored: await reader.rollback(tag) })));
  const asked = [...new Set([...shown.map(({ name }) => name.tag), ...rollbacks.map(({ tag }) => tag), ...unfinished])];
  const unread = new Set(unfinished);
  return {
    releases: shown.map((release) => releaseStatus(host, release, !unread.has(release.name.tag))),
    rollbacks: read.flatMap(({ tag, stored }) =>
      stored === undefined ? [] : [{ record: tag, to: stored.record.to, decidedAt: stored.record.decidedAt }],
    ),
    tags: await readTags(host, registry, await decideTags(reader, index, asked, services)),
    unfinished,
  };
}

/** Records whose tags are not known to be in place, oldest first. */
function unfinishedRecords(index: RecordIndex): string[] {
  const tags = [...index.releases, ...index.rollbacks].map(({ tag }) => tag);
  return tags.filter((tag) => !index.promoted.has(tag));
}

/** The newest releases by time; each line's last `limit` are read, since names do not tell times. */
async function readShown(reader: RecordReader, index: RecordIndex, limit: number): Promise<StoredRelease[]> {
  const lines = new Map<string, string[]>();
  for (const name of index.releases) {
    const line = `${name.group} ${name.kind === "version" ? "" : name.branch}`;
    lines.set(line, [...(lines.get(line) ?? []), name.tag]);
  }
  const candidates = [...lines.values()].flatMap((tags) => tags.slice(-limit));
  const read = await Promise.all(candidates.map((tag) => reader.release(tag)));
  const found = read.flatMap((release) => release ?? []);
  const byTime = (left: StoredRelease, right: StoredRelease): number =>
    Date.parse(right.manifest.releasedAt) - Date.parse(left.manifest.releasedAt) ||
    (left.name.tag < right.name.tag ? 1 : -1);
  return found.sort(byTime).slice(0, limit);
}

function releaseStatus(host: Host, { name, manifest }: StoredRelease, isFinished: boolean): ReleaseStatus {
  const { group, subject, commit, releasedAt } = manifest;
  const now = Date.parse(host.now());
  return {
    record: name.tag,
    group,
    version: subject.kind === "version" ? subject.version : null,
    branch: subject.kind === "branch" ? subject.branch : null,
    commit,
    releasedAt,
    isFinished,
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
    const belongs = rollback === undefined ? `belongs to ${release.tag}` : `is rolled back to ${release.tag}`;
    const wrong = state === "already" ? null : from === null ? `is not there, ${belongs}` : `is at ${from}, ${belongs}`;
    return {
      service,
      image,
      tag,
      kind,
      isAt: from,
      belongsAt: digest,
      release: release.tag,
      rollback: rollback?.tag ?? null,
      wrong,
    };
  });
  const key = ({ image, tag }: TagStatus): string => `${image}:${tag}`;
  return tags.sort((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0));
}
