import { SlipwayError } from "../errors.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { parseRecordTag, type ReleaseName, displayName } from "./record-names.ts";
import type { RecordReader } from "./record-reader.ts";
import { readMark, readReleaseRecord, type StoredRelease } from "./records.ts";
import { versionPlaces } from "./release-differences.ts";
import { isSameRelease } from "./same-release.ts";

/** The record of this command's release. Other runs may be making the same release. */
export interface OwnRecord {
  /**
   * Reads which run owns the release, and stores that in the reader. True: the owner changed. `isInDoubt`: look for a finished record even
   * if the command's own is in place.
   */
  look(isInDoubt: boolean): Promise<boolean>;
  /** Restores the record if a later run replaced it after it was marked. True: it did. */
  keep(): Promise<boolean>;
  /** The recorded release; undefined when the command recorded none. */
  stored(): StoredRelease | undefined;
  /** Why the command is refused: the release belongs to a run with other images. Undefined: it is not. */
  refusal(): SlipwayError | undefined;
}

/** `ours`: the release that the command committed; undefined for a rollback. */
export function makeOwnRecord(
  registry: Registry,
  releases: ImageName,
  reader: RecordReader,
  ours: StoredRelease | undefined,
): OwnRecord {
  if (ours === undefined) {
    const never = (): Promise<boolean> => Promise.resolve(false);
    return { look: never, keep: never, stored: () => undefined, refusal: () => undefined };
  }
  const { name } = ours;
  reader.remember(name.tag, ours);
  let stored = ours;
  let refusal: SlipwayError | undefined;
  const isOver = async (): Promise<boolean> => {
    const head = await registry.headManifest(releases, name.tag);
    return head !== undefined && head.digest !== stored.raw.digest;
  };
  return {
    look: async (isInDoubt) => {
      if (!(await isOver()) && !isInDoubt) return false;
      const now = (await readDecided(registry, releases, name)) ?? stored;
      const isOther = now.raw.digest !== stored.raw.digest;
      if (isOther) refusal = await refusalOf(registry, releases, now, ours);
      stored = now;
      reader.remember(name.tag, now);
      return isOther;
    },
    keep: async () => {
      const isContended = await isOver();
      if (isContended) await registry.putManifest(releases, name.tag, stored.raw);
      return isContended;
    },
    stored: () => stored,
    refusal: () => refusal,
  };
}

/**
 * Decides which of several runs that put one record at once owns the release. The mark decides where there is one, since it is a copy of the record
 * that was finished; it is put back where another run's PUT came later. Otherwise the last PUT decides.
 */
export async function readDecided(
  registry: Registry,
  releases: ImageName,
  { tag }: ReleaseName,
): Promise<StoredRelease | undefined> {
  const [finished, there] = await Promise.all([
    readMark(registry, releases, tag),
    readReleaseRecord(registry, releases, tag),
  ]);
  if (finished === undefined) return there;
  if (there?.raw.digest !== finished.raw.digest) await registry.putManifest(releases, tag, finished.raw);
  return finished;
}

/** The refusal of a run that lost the release; undefined when both runs made the same release. */
export async function refusalOf(
  registry: Registry,
  releases: ImageName,
  decided: StoredRelease,
  ours: StoredRelease,
): Promise<SlipwayError | undefined> {
  if (decided.raw.digest === ours.raw.digest) return undefined;
  if (await isSameRelease(registry, decided.manifest, ours.manifest)) return undefined;
  const { tag } = ours.name;
  const left = leftBehind(ours.manifest, decided.manifest).map(
    (place) => `  ${place} is not part of that release; it may hold an image of this run`,
  );
  const message = `another run committed ${tag} to ${releases} at the same moment, with other images: the release is that run's`;
  return new SlipwayError("version-taken", [message, ...left], {
    hint: "the tags point to the other run's images: release the images of this run under the next version",
  });
}

/** Version tags that only the refused release gives. No other release claims them, and tags are never deleted. */
function leftBehind(refused: ReleaseManifest, decided: ReleaseManifest): string[] {
  const given = versionPlaces(decided);
  return [...versionPlaces(refused).keys()].filter((place) => !given.has(place));
}

/** Refuses to release an abandoned release again. `when`: "while this command ran", "at …". */
export function abandonedFault(record: string, when: string): SlipwayError {
  const name = parseRecordTag(record);
  const what = name === undefined ? record : displayName(name);
  return new SlipwayError("version-taken", `release ${what} was abandoned ${when}`, {
    hint: "an abandoned release is not released again: release these images under the next version",
  });
}
