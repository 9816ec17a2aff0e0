import { errorMessage, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import type { RawManifest } from "../model/oci.ts";
import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { adoptOther } from "./commit.ts";
import { decideTags, type TaggedService, type TagTarget } from "./decide-tags.ts";
import { makeTagMover, type TagMove, tellMove } from "./move-tags.ts";
import { compareReleases, compareRollbacks, parseRecordTag, promotedTag, type RecordIndex } from "./record-names.ts";
import { makeRecordReader, readRecords, type RecordReader, type StoredRelease } from "./records.ts";

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
  /** Look at the tags of all records, not only of those whose tags are not known to be in place. */
  readonly all?: boolean;
  /** Records and manifests that are known, so that they need not be read. */
  readonly reader?: RecordReader;
  readonly manifests?: ReadonlyMap<Digest, RawManifest>;
  /** The records as they were listed after the command recorded what it did. */
  readonly records?: RecordIndex | undefined;
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

const mostRounds = 8;

/**
 * Sends tags where the records say they belong, and finishes what other commands left unfinished. Lists the records again
 * afterwards and starts over when there are new ones, so that commands that run at once come to the same end. Can be killed and
 * repeated at any point. Throws when tags of the command's own record could not be put where they belong.
 */
export async function reconcile(
  host: Host,
  registry: Registry,
  request: ReconcileRequest,
  emit: Emit,
): Promise<Reconciled> {
  const { releases, services } = request;
  const own = ownTag(request);
  const reader = request.reader ?? makeRecordReader(registry, releases);
  if (typeof request.own === "object") reader.remember(request.own.name.tag, request.own);
  const mover = makeTagMover(host, registry, request.manifests ?? new Map(), emit);
  const seen = new Set(own === undefined ? [] : [own]);
  let index = withSeen(request.records ?? (await readRecords(registry, releases)), seen);
  const told = new Set<string>();
  for (let round = 1; ; round += 1) {
    const records = recordsToFinish(index, request);
    const decided = await decideOrWarn(reader, index, records, services, own, emit);
    const moves = await mover.move(decided.targets);
    tellStays(decided.targets, moves, own, told, emit);
    const [after, isOwn] = await Promise.all([readRecords(registry, releases), checkOwn(registry, reader, request)]);
    const next = withSeen(after, seen);
    const isContested = moves.some(({ state }) => state === "contested");
    // The run that put another image under a version tag of ours may be about to see our record, and to put that right.
    const mayPass = round < mostRounds && moves.some((move) => isOwnConflict(move, own));
    if (isSame(index, next) && isOwn && !isContested && !mayPass) {
      return finish(registry, request, reader, { index: next, records, moves, unread: decided.unread }, emit);
    }
    if (round === mostRounds) throw neverSettles(moves);
    await host.sleep(Math.floor(50 * round * (0.5 + host.random())));
    index = next;
  }
}

function ownTag({ own }: Pick<ReconcileRequest, "own">): string | undefined {
  return typeof own === "object" ? own.name.tag : own;
}

/** Listings may lag behind a PUT: what was seen once stays seen. */
function withSeen(index: RecordIndex, seen: Set<string>): RecordIndex {
  for (const { tag } of [...index.releases, ...index.rollbacks]) seen.add(tag);
  const names = [...seen].flatMap((tag) => parseRecordTag(tag) ?? []);
  return {
    releases: names.flatMap((name) => (name.kind === "rollback" ? [] : [name])).sort(compareReleases),
    rollbacks: names.flatMap((name) => (name.kind === "rollback" ? [name] : [])).sort(compareRollbacks),
    promoted: index.promoted,
  };
}

function isSame(left: RecordIndex, right: RecordIndex): boolean {
  return left.releases.length === right.releases.length && left.rollbacks.length === right.rollbacks.length;
}

function recordsToFinish(index: RecordIndex, request: ReconcileRequest): string[] {
  const own = ownTag(request);
  const { all = false } = request;
  const names = [...index.releases, ...index.rollbacks].map(({ tag }) => tag);
  return names.filter((tag) => all || tag === own || !index.promoted.has(tag));
}

interface Decided {
  readonly targets: readonly TagTarget[];
  readonly unread: readonly Unfinished[];
}

/** A foreign record that cannot be read must not stop this command; what it asks for is left as it is. */
async function decideOrWarn(
  reader: RecordReader,
  index: RecordIndex,
  records: readonly string[],
  services: readonly TaggedService[],
  own: string | undefined,
  emit: Emit,
): Promise<Decided> {
  const unread: Unfinished[] = [];
  const readable = await Promise.all(
    records.map(async (record) => {
      try {
        const isRollback = parseRecordTag(record)?.kind === "rollback";
        const stored = await (isRollback ? reader.rollback(record) : reader.release(record));
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

/**
 * Whether the command's own record is still the one that it knows. Another run may have committed the same version between this
 * run's look and its PUT; then that record is the release, and is remembered: see `adoptOther`.
 */
async function checkOwn(registry: Registry, reader: RecordReader, request: ReconcileRequest): Promise<boolean> {
  const { releases } = request;
  const stored = ownRelease(reader, request);
  if (stored === undefined) return true;
  const head = await registry.headManifest(releases, stored.name.tag);
  if (head === undefined || head.digest === stored.raw.digest) return true;
  reader.remember(stored.name.tag, await adoptOther(registry, releases, stored));
  return false;
}

function ownRelease(reader: RecordReader, request: ReconcileRequest): StoredRelease | undefined {
  const own = ownTag(request);
  return own === undefined ? undefined : (reader.peekRelease(own) ?? undefined);
}

/** Says of the tags that the command's own release gives but that belong to another one why they stay there. */
function tellStays(
  targets: readonly TagTarget[],
  moves: readonly TagMove[],
  own: string | undefined,
  told: Set<string>,
  emit: Emit,
): void {
  for (const target of targets) {
    if (own === undefined || !target.askedBy.includes(own) || target.release.tag === own) continue;
    if (target.rollback?.tag === own) continue;
    const because =
      target.rollback === undefined ? `${target.release.tag} is newer` : `rolled back to ${target.release.tag}`;
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

/** Marks the records whose tags are all in place. */
async function finish(
  registry: Registry,
  request: ReconcileRequest,
  reader: RecordReader,
  { index, records, moves, unread }: Settled,
  emit: Emit,
): Promise<Reconciled> {
  const { releases } = request;
  const own = ownTag(request);
  const faults = new Map<string, TagMove>();
  for (const move of moves) {
    if (move.state === "conflict") tellMove(emit, move);
    if (move.state !== "failed" && move.state !== "conflict") continue;
    for (const record of move.target.askedBy) faults.set(record, faults.get(record) ?? move);
  }
  const unreadable = new Set(unread.map(({ record }) => record));
  const finished = records.filter((tag) => !index.promoted.has(tag) && !faults.has(tag) && !unreadable.has(tag));
  await Promise.all(finished.map((tag) => markPromoted(registry, releases, reader, tag)));
  const release = ownRelease(reader, request);
  if (release !== undefined && finished.includes(release.name.tag)) await keepRecord(registry, releases, release);
  const unfinished = [...faults].map(([record, { error }]) => ({ record, because: errorMessage(error) }));
  const ownFault = own === undefined ? undefined : faults.get(own);
  if (ownFault !== undefined) throw promotionFault(ownFault);
  for (const { record, because } of unfinished) {
    emit({ kind: "warning", message: `release ${record} is still unfinished: ${because}` });
  }
  return { own: release, moves, finished, unfinished: [...unread, ...unfinished] };
}

async function markPromoted(registry: Registry, releases: ImageName, reader: RecordReader, tag: string): Promise<void> {
  const stored = reader.peekRelease(tag) ?? reader.peekRollback(tag);
  if (stored !== undefined && stored !== null) await registry.putManifest(releases, promotedTag(tag), stored.raw);
}

/**
 * Looks at the record once more when its mark is there. A run that puts the same version later looks for the mark after its PUT, so
 * one of the two sees the other, and the finished release stays.
 */
async function keepRecord(registry: Registry, releases: ImageName, { name, raw }: StoredRelease): Promise<void> {
  const head = await registry.headManifest(releases, name.tag);
  if (head !== undefined && head.digest !== raw.digest) await registry.putManifest(releases, name.tag, raw);
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
