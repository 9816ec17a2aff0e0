import { SlipwayError } from "../errors.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { parseRecordTag, type ReleaseName, spokenName } from "./record-names.ts";
import { readMark, readReleaseRecord, type RecordReader, type StoredRelease } from "./records.ts";
import { versionPlaces } from "./release-differences.ts";
import { isSameRelease } from "./same-release.ts";

/** The record of the release that a command made, while other runs may make the same one. */
export interface OwnRecord {
  /**
   * Looks whose release it is now, and remembers that in the reader. True: it is another's than before. `isInDoubt`: look for a
   * finished record even where the command's own is in place.
   */
  look(isInDoubt: boolean): Promise<boolean>;
  /** Puts the record back where a later run put its own over it after this one was marked. True: that was so. */
  keep(): Promise<boolean>;
  /** The release as it is recorded; undefined when the command recorded no release. */
  stored(): StoredRelease | undefined;
  /** Why the command is refused, when the release turned out to be that of a run with other images. */
  refusal(): SlipwayError | undefined;
}

/** `ours`: what the command committed; undefined for a rollback. */
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

/** Undefined when both runs made one release. */
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
  return new SlipwayError("refused", [message, ...left], {
    hint: "the tags point to the other run's images: release the images of this run under the next version",
  });
}

/** Version tags that only the refused run gives: no other release says where they belong, and a tag is never deleted. */
function leftBehind(refused: ReleaseManifest, decided: ReleaseManifest): string[] {
  const given = versionPlaces(decided);
  return [...versionPlaces(refused).keys()].filter((place) => !given.has(place));
}

/** A release that was put aside is not made again. `when`: "while this command ran", "at …". */
export function abandonedFault(record: string, when: string): SlipwayError {
  const name = parseRecordTag(record);
  const what = name === undefined ? record : spokenName(name);
  return new SlipwayError("refused", `release ${what} was abandoned ${when}`, {
    hint: "what was abandoned is not released again: release these images under the next version",
  });
}
