import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { parseRecordTag, promotedTag, type RecordIndex } from "./record-names.ts";
import {
  readAbandonment,
  readRelease,
  readReleaseRecord,
  readRollbackRecord,
  type StoredAbandonment,
  type StoredRecord,
  type StoredRelease,
  type StoredRollback,
} from "./records.ts";

/** Reads each record once, and remembers records that were read or put. For one command. */
export interface RecordReader {
  /** Reads a release: from its mark if it was finished when the records were last listed, see `readRelease`. */
  release(tag: string): Promise<StoredRelease | undefined>;
  rollback(tag: string): Promise<StoredRollback | undefined>;
  abandonment(tag: string): Promise<StoredAbandonment | undefined>;
  /** Reads any record, by the kind that its tag names; undefined when it is not there. */
  read(tag: string): Promise<StoredRecord | undefined>;
  /** The record in memory, without a request; null: known not to exist; undefined: not read yet. */
  peekRelease(tag: string): StoredRelease | null | undefined;
  peekRollback(tag: string): StoredRollback | null | undefined;
  remember(tag: string, stored: StoredRecord): void;
  /** Replaces the list of records by a newer one. */
  learn(index: RecordIndex): void;
  /**
   * Forgets those of these releases that were replaced since they were read: until a record is marked, another run of the same version may
   * put its own. Returns whether there was one. One HEAD for each release that was read.
   */
  forgetReplaced(tags: readonly string[]): Promise<boolean>;
}

/** Makes an empty reader, for one command. `index`: the records as they were listed first. */
export function makeRecordReader(registry: Registry, releases: ImageName, index: RecordIndex): RecordReader {
  let finished = index.promoted;
  const release = readOnce<StoredRelease>((tag) =>
    (finished.has(tag) ? readRelease : readReleaseRecord)(registry, releases, tag),
  );
  const rollback = readOnce<StoredRollback>((tag) => readRollbackRecord(registry, releases, tag));
  const abandonment = readOnce<StoredAbandonment>((tag) => readAbandonment(registry, releases, tag));
  const isReplaced = async (tag: string): Promise<boolean> => {
    const known = release.known.get(tag);
    if (known === undefined || known === null) return false;
    const there = await registry.headManifest(releases, finished.has(tag) ? promotedTag(tag) : tag);
    return there?.digest !== known.raw.digest && release.known.delete(tag);
  };
  return {
    release: release.read,
    rollback: rollback.read,
    abandonment: abandonment.read,
    read: async (tag) => {
      const name = parseRecordTag(tag);
      switch (name?.kind) {
        case undefined:
          return undefined;
        case "version":
        case "branch":
          return release.read(tag);
        case "rollback":
          return rollback.read(tag);
        case "abandonment":
          return abandonment.read(tag);
      }
    },
    peekRelease: (tag) => release.known.get(tag),
    peekRollback: (tag) => rollback.known.get(tag),
    remember: (tag, stored) => {
      if ("manifest" in stored) release.known.set(tag, stored);
      else if ("record" in stored) rollback.known.set(tag, stored);
      else abandonment.known.set(tag, stored);
    },
    learn: ({ promoted }) => {
      finished = promoted;
    },
    forgetReplaced: async (tags) => (await Promise.all(tags.map(isReplaced))).includes(true),
  };
}

/** Records of one kind in memory; null: known not to exist. */
interface ReadOnce<T> {
  readonly known: Map<string, T | null>;
  readonly read: (tag: string) => Promise<T | undefined>;
}

function readOnce<T>(read: (tag: string) => Promise<T | undefined>): ReadOnce<T> {
  const known = new Map<string, T | null>();
  return {
    known,
    read: async (tag) => {
      const found = known.get(tag);
      if (found !== undefined) return found ?? undefined;
      const now = await read(tag);
      known.set(tag, now ?? null);
      return now;
    },
  };
}
