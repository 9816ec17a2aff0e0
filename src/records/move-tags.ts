import { errorMessage, isInterruption, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import { eachImage } from "../model/image-tags.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import type { TagTarget } from "./decide-tags.ts";
import { pollUntil } from "./poll-until.ts";
import { displayName } from "./record-names.ts";
import { versionPlaces } from "./release-differences.ts";
import { ensureCopied } from "../images/wholeness.ts";

/** One tag under one image name: its former digest, its target, and the result. */
export interface TagMove {
  readonly target: TagTarget;
  readonly image: ImageName;
  readonly from: Digest | null;
  /** `contested`: put, and replaced by another client since. `conflict`: a version tag with another image. */
  readonly state: "already" | "created" | "moved" | "contested" | "conflict" | "failed";
  readonly error: unknown;
}

/** Digests of tags that were read before, by `IMAGE:TAG`; null: the tag was not there. */
export type SeenTags = ReadonlyMap<string, Digest | null>;

/** Tags that were put, whose read-back may still be running. */
export interface PendingMoves {
  /** Tags as they were before the move. */
  readonly looked: readonly TagMove[];
  readonly moves: Promise<readonly TagMove[]>;
}

/** Moves tags to their targets; one for each command. */
export interface TagMover {
  /**
   * Reads where each tag is and moves those that are elsewhere. A version tag is only put where it is absent, or where this mover put it.
   * Resolves when all tags were put; `moves` resolves when they were read back, too. A failure becomes the state of its move; only
   * `interrupted` is thrown. Conflicts may pass in a later round, so the caller emits them: see `emitMove`. `seen`: tags that need not be
   * read again.
   */
  move(targets: readonly TagTarget[], seen?: SeenTags): Promise<PendingMoves>;
  /** Reads where each tag is, without moving it. */
  look(targets: readonly TagTarget[]): Promise<TagMove[]>;
  /** Makes version tags of this refused release movable: their images are not this release's. */
  giveUp(refused: ReleaseManifest): void;
}

/** Makes the tag mover of one command. `manifests`: known manifests, which are not read again. Every other manifest is read once. */
export function makeTagMover(
  host: Host,
  registry: Registry,
  manifests: ReadonlyMap<Digest, RawManifest>,
  emit: Emit,
): TagMover {
  // `IMAGE:TAG DIGEST` of tags that this mover put, or that may count as put by this run.
  const own = new Set<string>();
  const putTag = makeTagPutter(registry, manifests);

  const put = async (move: TagMove): Promise<void> => {
    await putTag(move);
    own.add(`${move.image}:${move.target.tag} ${move.target.digest}`);
  };
  const readBack = async (move: TagMove): Promise<TagMove> => {
    if (await isContested(host, registry, move)) return { ...move, state: "contested" };
    emitMove(emit, move);
    return move;
  };
  const all = async (targets: readonly TagTarget[], step: (place: Place) => Promise<TagMove>): Promise<TagMove[]> => {
    const places = targets.flatMap((target) => target.images.map((image) => ({ target, image })));
    return Promise.all(places.map((place) => step(place).catch((error: unknown) => failed(place, error))));
  };
  const look = (targets: readonly TagTarget[], seen: SeenTags = new Map()): Promise<TagMove[]> =>
    all(targets, async (place) => {
      const { image, target } = place;
      const known = seen.get(`${image}:${target.tag}`);
      const from = known === undefined ? await readTag(registry, image, target.tag) : known;
      return lookAt(place, from, own.has(`${image}:${target.tag} ${from}`));
    });
  return {
    look: (targets) => look(targets),
    giveUp: (refused) => {
      for (const [place, digest] of versionPlaces(refused)) own.add(`${place} ${digest}`);
    },
    move: async (targets, seen) => {
      const looked = await look(targets, seen);
      for (const each of looked) if (isSettled(each) && each.state !== "conflict") emitMove(emit, each);
      const spoilt = spoiltRecords(looked);
      const begun = looked.map((each): Begun => {
        if (isSettled(each)) return { put: Promise.resolve(), move: Promise.resolve(each) };
        const withheld = each.target.askedBy.map((record) => spoilt.get(record));
        // This command put the version tag there by mistake.
        const isMistake = each.target.kind === "version" && each.state === "moved";
        if (!isMistake && withheld.every((conflict) => conflict !== undefined)) {
          return { put: Promise.resolve(), move: Promise.resolve({ ...each, state: "failed", error: withheld[0] }) };
        }
        const putting = put(each);
        const move = putting.then(() => readBack(each)).catch((error: unknown) => failMove(emit, each, error));
        return { put: putting, move };
      });
      const moves = Promise.all(begun.map(({ move }) => move));
      // The caller awaits this promise after other requests, which may be interrupted first. Its rejection must not end the process.
      moves.catch(() => undefined);
      await Promise.allSettled(begun.map((each) => each.put));
      return { looked, moves };
    },
  };
}

/** Reads where all tags of a release are. A tag that cannot be read is left out, so that the mover reads it again and reports the fault. */
export async function lookAtTags(registry: Registry, { services }: ReleaseManifest): Promise<SeenTags> {
  const places = services
    .flatMap(eachImage)
    .flatMap(({ image, tags }) => [...tags.version, ...tags.moving].map((tag) => ({ image, tag })));
  const seen = await Promise.all(
    places.map(async ({ image, tag }): Promise<[string, Digest | null][]> => {
      try {
        return [[`${image}:${tag}`, await readTag(registry, image, tag)]];
      } catch (error) {
        if (isInterruption(error)) throw error;
        return [];
      }
    }),
  );
  return new Map(seen.flat());
}

async function readTag(registry: Registry, image: ImageName, tag: string): Promise<Digest | null> {
  return (await registry.headManifest(image, tag))?.digest ?? null;
}

/** Makes a function that puts manifests under tags. Reads each manifest once, and copies its content once to each other image name. */
function makeTagPutter(
  registry: Registry,
  manifests: ReadonlyMap<Digest, RawManifest>,
): (place: Place) => Promise<void> {
  const bytes = makeOnce((target: TagTarget) => readManifest(registry, manifests, target));
  const copies = makeOnce(({ raw, target, image }: Place & { readonly raw: RawManifest }) =>
    ensureCopied(registry, raw, { from: target.source, to: image }),
  );
  return async ({ target, image }) => {
    const { source, digest, tag } = target;
    const raw = await bytes(`${source}@${digest}`, target);
    if (image !== source) await copies(`${source}@${digest} ${image}`, { raw, target, image });
    await registry.putManifest(image, tag, raw);
  };
}

/** Whether the tag that was just put already names a third image. A registry may show the old one for a moment. */
async function isContested(host: Host, registry: Registry, { target, image, from }: TagMove): Promise<boolean> {
  const isOld = (found: Digest | undefined): boolean => found === undefined || found === from;
  const there = await pollUntil(
    host,
    async () => (await registry.headManifest(image, target.tag))?.digest,
    (found) => !isOld(found),
  );
  return !isOld(there) && there !== target.digest;
}

/** One tag whose move has started. */
interface Begun {
  readonly put: Promise<void>;
  readonly move: Promise<TagMove>;
}

interface Place {
  readonly target: TagTarget;
  readonly image: ImageName;
}

/** Conflicts of version tags by record. A conflict withholds all tags that only this record claims. */
function spoiltRecords(moves: readonly TagMove[]): Map<string, unknown> {
  const conflicts = moves.filter(({ state }) => state === "conflict");
  return new Map(conflicts.flatMap(({ target, error }) => target.askedBy.map((record) => [record, error])));
}

function isSettled({ state }: TagMove): boolean {
  return state !== "created" && state !== "moved";
}

function lookAt({ target, image }: Place, from: Digest | null, isOwn: boolean): TagMove {
  const isOthers = target.kind === "version" && !isOwn;
  const state = from === null ? "created" : from === target.digest ? "already" : isOthers ? "conflict" : "moved";
  const error = state === "conflict" && from !== null ? conflict(target, image, from) : undefined;
  return { target, image, from, state, error };
}

function conflict({ service, tag, digest, release }: TagTarget, image: ImageName, from: Digest): SlipwayError {
  const name = displayName(release);
  return new SlipwayError("tag-conflict", `${service}: ${image}:${tag} is ${from}, but release ${name} has ${digest}`, {
    hint: `version tags are never moved: if two runs released ${name} at once, run both commands again; otherwise put it aside with \`slipway abandon ${name}\` and release the next version`,
  });
}

function failed({ target, image }: Place, error: unknown): TagMove {
  if (isInterruption(error)) throw error;
  return { target, image, from: null, state: "failed", error };
}

function failMove(emit: Emit, move: TagMove, error: unknown): TagMove {
  const result: TagMove = { ...failed(move, error), from: move.from };
  emitMove(emit, result);
  return result;
}

/** Emits the result of a move. */
export function emitMove(emit: Emit, { target, image, from, state, error }: TagMove): void {
  if (state === "contested") return;
  const { tag, digest } = target;
  const isFault = state === "conflict" || state === "failed";
  const because = isFault
    ? errorMessage(error)
    : target.rollback === undefined
      ? undefined
      : `rolled back to ${target.release.tag}`;
  emit({ kind: "tag", image, tag, from, to: digest, state: isFault ? "failed" : state, because });
}

async function readManifest(
  registry: Registry,
  known: ReadonlyMap<Digest, RawManifest>,
  { service, source, digest, release }: TagTarget,
): Promise<RawManifest> {
  const raw = known.get(digest) ?? (await registry.getManifest(source, digest));
  if (raw !== undefined) return raw;
  throw new SlipwayError(
    "image-gone",
    `${service} of release ${release.tag} is gone: ${source}@${digest} is not there`,
    {
      hint: "something removed it from the registry; roll back to, or release, another version",
    },
  );
}

/** Runs once for each key, and again only after a failure, since a later round may succeed. */
function makeOnce<Subject, Result>(
  run: (subject: Subject) => Promise<Result>,
): (key: string, subject: Subject) => Promise<Result> {
  const started = new Map<string, Promise<Result>>();
  return (key, subject) => {
    const found = started.get(key);
    if (found !== undefined) return found;
    const now = run(subject).catch((error: unknown) => {
      started.delete(key);
      throw error;
    });
    started.set(key, now);
    return now;
  };
}
