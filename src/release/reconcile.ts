import { errorMessage, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { decideTags, type TaggedService, type TagTarget } from "./decide-tags.ts";
import { makeTagMover, type TagMove, tellMove } from "./move-tags.ts";
import { abandonedFault, makeOwnRecord, type OwnRecord, readDecided } from "./own-record.ts";
import {
  parseRecordTag,
  parseRecordTags,
  promotedTag,
  type RecordIndex,
  recordTagsOf,
  spokenName,
} from "./record-names.ts";
import { makeRecordReader, readRecords, type RecordReader, type StoredRelease } from "./records.ts";
import { whyElsewhere } from "./why-elsewhere.ts";

/** Whose tags to send where they belong, and what is known already. */
export interface ReconcileRequest {
  /** The repository of the records. */
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  /**
   * What this command recorded: a release, or the tag of a rollback. Its faults are the command's; those of other records are told
   * as warnings.
   */
  readonly own: StoredRelease | string | undefined;
  /** A release that was refused since `own` is another one of the same version: its version tags go to the record's images, too. */
  readonly refused?: ReleaseManifest;
  /** Look at the tags of all records, not only of those whose tags are not known to be in place. */
  readonly all?: boolean;
  /** Records and manifests that are known, so that they need not be read. */
  readonly reader?: RecordReader;
  readonly manifests?: ReadonlyMap<Digest, RawManifest>;
  /** The records as they were listed after the command recorded what it did. */
  readonly records?: RecordIndex | undefined;
}

/** What one call works with. */
interface Reconciliation {
  readonly registry: Registry;
  readonly releases: ImageName;
  readonly services: readonly TaggedService[];
  readonly reader: RecordReader;
  /** The tag of the command's own record. */
  readonly own: string | undefined;
  readonly emit: Emit;
}

/** What became of the tags. */
export interface Reconciled {
  /** The command's own release as it is recorded: another run's record, where that took its place meanwhile. */
  readonly own: StoredRelease | undefined;
  /** Every tag that was looked at, and what became of it. */
  readonly moves: readonly TagMove[];
  /** Records that are finished now and were not before. */
  readonly finished: readonly string[];
  /** Records that are not finished, each with the reason. */
  readonly unfinished: readonly Unfinished[];
}

interface Unfinished {
  readonly record: string;
  readonly because: string;
}

/**
 * How often to start over: for new records; while a run of the same version may be about to put right what it did; and once this
 * command has put its record back, which may be in the last round of a conflict.
 */
const mostRounds = { settle: 8, conflict: 16, putBack: 24 };

/**
 * Sends tags where the records say they belong, and finishes what other commands left unfinished. Lists the records again
 * afterwards and starts over when there are new ones, so that commands that run at once come to the same end. Can be killed and
 * repeated at any point. Throws when tags of the command's own record could not be put where they belong, and `refused` when the
 * command's release turns out to be that of a run with other images: then all its tags are put where that record says first.
 */
export async function reconcile(
  host: Host,
  registry: Registry,
  request: ReconcileRequest,
  emit: Emit,
): Promise<Reconciled> {
  const { releases, services } = request;
  const reader = request.reader ?? makeRecordReader(registry, releases);
  const own = ownTag(request);
  const context: Reconciliation = { registry, releases, services, reader, own, emit };
  const record = makeOwnRecord(registry, releases, reader, typeof request.own === "object" ? request.own : undefined);
  const mover = makeTagMover(host, registry, request.manifests ?? new Map(), emit);
  for (const manifest of [request.refused, record.stored()?.manifest])
    if (manifest !== undefined) mover.giveUp(manifest);
  const seen = new Set(own === undefined ? [] : [own]);
  const told = new Set<string>();
  let index = withSeen(request.records ?? (await readRecords(registry, releases)), seen);
  let most = mostRounds.settle;
  for (let round = 1; ; round += 1) {
    const refusal = record.refusal() ?? abandonedMeanwhile(index, own);
    // A refused run may have moved tags of any release, so all records are looked at.
    const records = recordsToFinish(index, own, request.all === true || refusal !== undefined);
    const decided = await decideOrWarn(context, index, records);
    const moves = await mover.move(decided.targets);
    explainStays(context, decided.targets, moves, told);
    const isInConflict = moves.some((move) => isOwnConflict(move, own));
    const unmarked = recordsToFinish(index, undefined, false).filter((tag) => tag !== own);
    const [after, isOther, isReplaced] = await Promise.all([
      readRecords(registry, releases),
      record.look(isInConflict || refusal !== undefined),
      reader.forgetReplaced(unmarked),
    ]);
    const next = withSeen(after, seen);
    const isContested = moves.some(({ state }) => state === "contested");
    const isSettled = isSame(index, next) && !isOther && !isReplaced && !isContested;
    // The run that put another image under a version tag of ours may be about to see our record, and to put that right.
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
      // The run whose record stood there may have moved tags to its images: they are looked at again, however late it is.
      most = mostRounds.putBack;
    }
    if (round >= Math.max(most, isInConflict ? mostRounds.conflict : 0)) throw record.refusal() ?? neverSettles(moves);
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

/** Listings may lag behind a PUT: what was seen once stays seen. */
function withSeen(index: RecordIndex, seen: Set<string>): RecordIndex {
  for (const tag of recordTagsOf(index)) seen.add(tag);
  return { ...parseRecordTags(seen), promoted: index.promoted };
}

function isSame(left: RecordIndex, right: RecordIndex): boolean {
  const tags = new Set(recordTagsOf(left));
  return recordTagsOf(right).every((tag) => tags.has(tag));
}

function recordsToFinish(index: RecordIndex, own: string | undefined, all: boolean): string[] {
  return recordTagsOf(index).filter((tag) => all || tag === own || !index.promoted.has(tag));
}

interface Decided {
  readonly targets: readonly TagTarget[];
  readonly unread: readonly Unfinished[];
}

/** A foreign record that cannot be read must not stop this command; what it asks for is left as it is. */
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
        if (record === own || !isRefused(error)) throw error;
        emit({ kind: "warning", message: errorMessage(error) });
        unread.push({ record, because: errorMessage(error) });
        return [];
      }
    }),
  );
  return { targets: await decideTags(reader, index, readable.flat(), services), unread };
}

function isRefused(error: unknown): boolean {
  return error instanceof SlipwayError && error.code === "refused";
}

function isOwnConflict({ state, target }: TagMove, own: string | undefined): boolean {
  return state === "conflict" && own !== undefined && target.askedBy.includes(own);
}

/** Says of the tags that the command's own release gives but that belong to another one why they stay there. */
function explainStays(
  { reader, own, emit }: Reconciliation,
  targets: readonly TagTarget[],
  moves: readonly TagMove[],
  told: Set<string>,
): void {
  for (const target of targets) {
    if (own === undefined || !target.askedBy.includes(own) || target.release.tag === own) continue;
    if (target.rollback?.tag === own || parseRecordTag(own)?.kind === "abandonment") continue;
    const because =
      target.rollback === undefined
        ? whyElsewhere(reader, own, target.release)
        : `rolled back to ${spokenName(target.release)}`;
    for (const { image, state, from } of moves.filter((move) => move.target === target)) {
      const key = `${image}:${target.tag}`;
      if (state !== "already" || told.has(key)) continue;
      told.add(key);
      emit({ kind: "tag", image, tag: target.tag, from, to: target.digest, state: "stays", because });
    }
  }
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
  /** By record: what keeps it from being finished. */
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
      // A tag that was withheld because of a conflict has the conflict's error; the conflict itself is reported.
      if (move.state === "conflict" || !faults.has(record)) faults.set(record, move);
    }
  }
  const unreadable = new Set(unread.map(({ record }) => record));
  const finished = records.filter((tag) => !index.promoted.has(tag) && !faults.has(tag) && !unreadable.has(tag));
  await Promise.all(finished.map((tag) => markPromoted(context, tag)));
  return { finished, faults, isOwn: own !== undefined && finished.includes(own) };
}

/** The mark decides whose release it is: a record that another run put its own over since it was marked is put back. */
async function putBackReplaced(
  { registry, releases, reader }: Reconciliation,
  tags: readonly string[],
): Promise<boolean> {
  const replaced = await Promise.all(
    tags.map(async (tag) => {
      const known = reader.peekRelease(tag);
      if (known === undefined || known === null) return false;
      if (!(await reader.forgetReplaced([tag]))) return false;
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

/** Throws the command's own faults, and says those of others. */
function report(
  { record, own }: { readonly record: OwnRecord; readonly own: string | undefined },
  { moves, unread }: Settled,
  { finished, faults }: Marked,
  emit: Emit,
): Reconciled {
  for (const move of moves) if (isOwnConflict(move, own)) tellMove(emit, move);
  const ownFault = own === undefined ? undefined : faults.get(own);
  if (ownFault !== undefined) throw promotionFault(ownFault);
  const unfinished = [...faults].map(([tag, { error }]) => ({ record: tag, because: errorMessage(error) }));
  for (const [tag, move] of faults) emit({ kind: "warning", message: foreignFault(tag, move) });
  return { own: record.stored(), moves, finished, unfinished: [...unread, ...unfinished] };
}

/** Says in one line why another command's record cannot be finished, with the way out where no command can. */
function foreignFault(record: string, { state, error }: TagMove): string {
  const name = parseRecordTag(record);
  const what = name === undefined ? record : spokenName(name);
  const because = errorMessage(error);
  if (state === "conflict") return `release ${what} is spoilt: ${because}; \`slipway abandon ${what}\` puts it aside`;
  const isForGood = isRefused(error) && name?.kind !== "rollback" && name?.kind !== "abandonment";
  return `release ${what} is still unfinished: ${because}${isForGood ? `; \`slipway abandon ${what}\` puts it aside` : ""}`;
}

function promotionFault({ error, image, target }: TagMove): SlipwayError {
  const code = error instanceof SlipwayError ? error.code : "failed";
  const given = error instanceof SlipwayError ? error.hint : undefined;
  const again = "the release is committed: the same command, or any later release, finishes it";
  const message = `release ${target.release.tag}: moving ${image}:${target.tag}: ${errorMessage(error)}`;
  return new SlipwayError(code, message, {
    cause: error,
    hint: code === "refused" || given === undefined ? (given ?? again) : `${given}; ${again}`,
  });
}

function neverSettles(moves: readonly TagMove[]): SlipwayError {
  const contested = moves
    .filter(({ state }) => state === "contested")
    .map(({ image, target }) => `${image}:${target.tag}`);
  const what =
    contested.length === 0 ? "new releases keep coming" : `somebody else keeps moving ${contested.join(", ")}`;
  return new SlipwayError("unavailable", `the tags do not settle: ${what}`, {
    hint: "let only slipway move these tags, one release at a time; then run the same command again",
  });
}
