import { errorMessage, isRefusal, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { decideTags, type TaggedService, type TagTarget } from "./decide-tags.ts";
import { makeTagMover, type SeenTags, type TagMove, emitMove } from "./move-tags.ts";
import { abandonedFault, makeOwnRecord, type OwnRecord, readDecided } from "./own-record.ts";
import { parseRecordTags, promotedTag, type RecordIndex, recordTagsOf } from "./record-names.ts";
import { makeRecordReader, type RecordReader } from "./record-reader.ts";
import { readRecords, type StoredRelease } from "./records.ts";
import { foreignFault, contestedTagsFault, promotionFault } from "./reconcile-faults.ts";
import { explainStays } from "./why-elsewhere.ts";

/** The records to reconcile, and what is already in memory. */
export interface ReconcileRequest {
  /** The repository of the records. */
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  /** The command's own record: a release, or the tag of a rollback. Its faults are thrown; those of other records become warnings. */
  readonly own: StoredRelease | string | undefined;
  /** A refused release of the same version as `own`: its version tags move to the images of the record, too. */
  readonly refused?: ReleaseManifest;
  /** Read the tags of all records; otherwise only of those without a mark. */
  readonly all?: boolean;
  /** Records and manifests in memory. */
  readonly reader?: RecordReader;
  readonly manifests?: ReadonlyMap<Digest, RawManifest>;
  /** The list of records after the command put its own. */
  readonly records?: RecordIndex | undefined;
  /** Tags of the command's own release, as they were after it put its record, while the records were listed. */
  readonly tags?: SeenTags | undefined;
}

/** The state of one call. */
interface Reconciliation {
  readonly registry: Registry;
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  readonly reader: RecordReader;
  /** The tag of the command's own record. */
  readonly own: string | undefined;
  readonly emit: Emit;
}

/** The result of reconciling. */
export interface Reconciled {
  /** The command's release as recorded: another run's record, if that replaced it. */
  readonly own: StoredRelease | undefined;
  /** Every tag that was read, and its result. */
  readonly moves: readonly TagMove[];
  /** Records that this call finished. */
  readonly finished: readonly string[];
  /** Records that are not finished, each with the reason. */
  readonly unfinished: readonly Unfinished[];
}

interface Unfinished {
  readonly record: string;
  readonly because: string;
}

/**
 * Upper limits of rounds: to settle with new records; while a run of the same version may still repair its tags; and after this command
 * restored its record, which may happen in the last round of a conflict.
 */
const mostRounds = { settle: 8, conflict: 16, putBack: 24 };

/**
 * Moves tags to where the records say that they belong, and finishes the work of commands that were cut off. Lists the records again
 * afterwards and starts over when there are new ones, so that parallel commands end in the same state. It can be killed and repeated at any
 * point. Throws when tags of the command's own record could not be moved, and `refused` when another run with other images owns the
 * release; all tags are moved to that run's images first.
 */
export async function reconcile(
  host: Host,
  registry: Registry,
  request: ReconcileRequest,
  emit: Emit,
): Promise<Reconciled> {
  const { releases, services } = request;
  const listed = request.records ?? (await readRecords(registry, releases));
  const reader = request.reader ?? makeRecordReader(registry, releases, listed);
  reader.learn(listed);
  const own = ownTag(request);
  const context: Reconciliation = { registry, releases, services, reader, own, emit };
  const record = makeOwnRecord(registry, releases, reader, typeof request.own === "object" ? request.own : undefined);
  const mover = makeTagMover(host, registry, request.manifests ?? new Map(), emit);
  for (const manifest of [request.refused, record.stored()?.manifest])
    if (manifest !== undefined) mover.giveUp(manifest);
  const seen = new Set(own === undefined ? [] : [own]);
  const explained = new Set<string>();
  // Records of others that this call saw without a mark. A copy that was read before the mark may be of a run whose record was replaced.
  const seenUnmarked = new Set<string>();
  let index = withSeen(listed, seen);
  let most = mostRounds.settle;
  for (let round = 1; ; round += 1) {
    for (const tag of recordTagsOf(index)) if (tag !== own && !index.promoted.has(tag)) seenUnmarked.add(tag);
    const unmarked = [...seenUnmarked];
    const refusal = record.refusal() ?? abandonedMeanwhile(index, own);
    // A refused run may have moved tags of any release, so the tags of all records are read.
    const records = recordsToRead(index, own, request.all === true || refusal !== undefined ? "all" : seenUnmarked);
    const decided = await decideOrWarn(context, index, records);
    const moving = await mover.move(decided.targets, tagsOfOwn(round === 1 ? request.tags : undefined, own, decided));
    const isInConflict = moving.looked.some((move) => isOwnConflict(move, own));
    // Lists the records after the last PUT of a tag, in parallel with reading the tags back.
    const [moves, after, isOther, isReplaced] = await Promise.all([
      moving.moves,
      readRecords(registry, releases),
      record.look(isInConflict || refusal !== undefined),
      reader.forgetReplaced(unmarked),
    ]);
    reader.learn(after);
    explainStays(context, decided.targets, moves, explained);
    const next = withSeen(after, seen);
    const isContested = moves.some(({ state }) => state === "contested");
    const isSettled = isSame(index, next) && !isOther && !isReplaced && !isContested;
    // The run that put another image under a version tag of ours may still see our record and repair the tag.
    if (isSettled && !(isInConflict && round < mostRounds.conflict)) {
      const end = { index: next, records, moves, unread: decided.unread };
      const finished = await markFinished(context, end);
      const [isOwnReplaced, isReplacedSince] = await Promise.all([
        finished.isOwn && record.keep(),
        putBackReplaced(context, unmarked),
      ]);
      if (!isOwnReplaced && !isReplacedSince) {
        const why = record.refusal() ?? abandonedMeanwhile(next, own);
        if (why !== undefined) throw why;
        return report({ record, own }, end, finished, emit);
      }
      // The run whose record was replaced may have moved tags to its images, so they are read once more, in any round.
      most = mostRounds.putBack;
    }
    if (round >= Math.max(most, isInConflict ? mostRounds.conflict : 0))
      throw record.refusal() ?? contestedTagsFault(moves);
    await host.sleep(Math.floor(50 * round * (0.5 + host.random())));
    index = next;
  }
}

function abandonedMeanwhile({ abandonments }: RecordIndex, own: string | undefined): SlipwayError | undefined {
  if (own === undefined || !abandonments.some(({ of }) => of === own)) return undefined;
  return abandonedFault(own, "while this command ran");
}

function ownTag({ own }: Pick<ReconcileRequest, "own">): string | undefined {
  return typeof own === "object" ? own.name.tag : own;
}

/** Adds to a list the tags that were seen before: a registry's list may lag behind a PUT. */
function withSeen(index: RecordIndex, seen: Set<string>): RecordIndex {
  for (const tag of recordTagsOf(index)) seen.add(tag);
  return { ...parseRecordTags(seen), promoted: index.promoted };
}

function isSame(left: RecordIndex, right: RecordIndex): boolean {
  const tags = new Set(recordTagsOf(left));
  return recordTagsOf(right).every((tag) => tags.has(tag));
}

/**
 * Records whose tags a round reads: the command's own, and those that it saw without a mark in this round or an earlier one. By the list of
 * an earlier round it may have put their tags wrong, and another run may have marked them since.
 */
function recordsToRead(index: RecordIndex, own: string | undefined, others: "all" | ReadonlySet<string>): string[] {
  return recordTagsOf(index).filter((tag) => others === "all" || tag === own || others.has(tag));
}

/**
 * Tags that need not be read again in the first round. A tag that an unfinished record of another command claims is read after the records were
 * listed: that command may have moved it since, and been killed.
 */
function tagsOfOwn(tags: SeenTags | undefined, own: string | undefined, { targets }: Decided): SeenTags | undefined {
  if (tags === undefined) return undefined;
  const shared = targets.filter(({ askedBy }) => askedBy.some((record) => record !== own));
  const others = new Set(shared.flatMap(({ images, tag }) => images.map((image) => `${image}:${tag}`)));
  return new Map([...tags].filter(([place]) => !others.has(place)));
}

interface Decided {
  readonly targets: readonly TagTarget[];
  readonly unread: readonly Unfinished[];
}

/**
 * Decides the targets of the readable records. An unreadable record of another command becomes a warning, and its tags stay as they are.
 */
async function decideOrWarn(
  { reader, services, own, emit }: Reconciliation,
  index: RecordIndex,
  records: readonly string[],
): Promise<Decided> {
  const unread: Unfinished[] = [];
  const readable = await Promise.all(
    records.map(async (record) => {
      try {
        const stored = await reader.read(record);
        if (stored === undefined) unread.push({ record, because: "it is listed but not there" });
        return stored === undefined ? [] : [record];
      } catch (error) {
        if (record === own || !isRefusal(error)) throw error;
        emit({ kind: "warning", message: errorMessage(error) });
        unread.push({ record, because: errorMessage(error) });
        return [];
      }
    }),
  );
  return { targets: await decideTags(reader, index, readable.flat(), services), unread };
}

function isOwnConflict({ state, target }: TagMove, own: string | undefined): boolean {
  return state === "conflict" && own !== undefined && target.askedBy.includes(own);
}

interface Settled {
  readonly index: RecordIndex;
  readonly records: readonly string[];
  readonly moves: readonly TagMove[];
  readonly unread: readonly Unfinished[];
}

/** The records that a round finished, and the faults of the others. */
interface Marked {
  readonly finished: readonly string[];
  /** By record: the move that keeps it unfinished. */
  readonly faults: ReadonlyMap<string, TagMove>;
  /** Whether the command's own record is finished now. */
  readonly isOwn: boolean;
}

/** Marks the records whose tags are all in place. */
async function markFinished(context: Reconciliation, settled: Settled): Promise<Marked> {
  const { index, records, moves, unread } = settled;
  const { own } = context;
  const faults = new Map<string, TagMove>();
  for (const move of moves) {
    if (move.state !== "failed" && move.state !== "conflict") continue;
    for (const record of move.target.askedBy) {
      // A tag that a conflict withheld carries the conflict's error; the conflict itself is reported.
      if (move.state === "conflict" || !faults.has(record)) faults.set(record, move);
    }
  }
  const unreadable = new Set(unread.map(({ record }) => record));
  const finished = records.filter((tag) => !index.promoted.has(tag) && !faults.has(tag) && !unreadable.has(tag));
  await Promise.all(finished.map((tag) => markPromoted(context, tag)));
  return { finished, faults, isOwn: own !== undefined && finished.includes(own) };
}

/**
 * Restores records that another run replaced since they were marked: the mark decides which run owns the release. True: there was one, or a
 * mark differs from the copy that was read.
 */
async function putBackReplaced(
  { registry, releases, reader }: Reconciliation,
  tags: readonly string[],
): Promise<boolean> {
  const replaced = await Promise.all(
    tags.map(async (tag) => {
      const known = reader.peekRelease(tag);
      if (known === undefined || known === null) return false;
      const there = await Promise.all([tag, promotedTag(tag)].map((at) => registry.headManifest(releases, at)));
      if (there.every((head) => head === undefined || head.digest === known.raw.digest)) return false;
      const decided = await readDecided(registry, releases, known.name);
      if (decided !== undefined) reader.remember(tag, decided);
      return true;
    }),
  );
  return replaced.includes(true);
}

async function markPromoted({ registry, releases, reader }: Reconciliation, tag: string): Promise<void> {
  const stored = await reader.read(tag);
  if (stored !== undefined) await registry.putManifest(releases, promotedTag(tag), stored.raw);
}

/** Throws the fault of the command's own record, and emits those of others as warnings. */
function report(
  { record, own }: { readonly record: OwnRecord; readonly own: string | undefined },
  { moves, unread }: Settled,
  { finished, faults }: Marked,
  emit: Emit,
): Reconciled {
  for (const move of moves) if (isOwnConflict(move, own)) emitMove(emit, move);
  const ownFault = own === undefined ? undefined : faults.get(own);
  if (ownFault !== undefined) throw promotionFault(ownFault);
  const unfinished = [...faults].map(([tag, { error }]) => ({ record: tag, because: errorMessage(error) }));
  for (const [tag, move] of faults) emit({ kind: "warning", message: foreignFault(tag, move) });
  return { own: record.stored(), moves, finished, unfinished: [...unread, ...unfinished] };
}
