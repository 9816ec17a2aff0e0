import type { Emit } from "../event.ts";
import type { TagTarget } from "./decide-tags.ts";
import type { TagMove } from "./move-tags.ts";
import { comparePrecedence, parseRecordTag, parseReleaseTag, type ReleaseName, displayName } from "./record-names.ts";
import type { RecordReader } from "./record-reader.ts";

/** Explains why a tag of both releases belongs to the other one. */
export function whyElsewhere(reader: RecordReader, own: string, other: ReleaseName): string {
  const ours = parseReleaseTag(own);
  const what = displayName(other);
  if (ours?.kind === "version" && comparePrecedence(ours, other) === 0) {
    return `${what} was released later, and build metadata does not order versions`;
  }
  if (ours?.kind === "branch" && other.kind === "version")
    return `version ${what} gives it, too, and a version wins over a branch`;
  const [branch, otherBranch] = [branchOf(reader, own), branchOf(reader, other.tag)];
  if (branch !== otherBranch && otherBranch !== undefined) {
    return `branch "${otherBranch}" gives it, too, and has more commits behind it (${what})`;
  }
  return `${what} is newer`;
}

/** A branch as written; in records' names different branches may look alike. */
function branchOf(reader: RecordReader, record: string): string | undefined {
  const subject = reader.peekRelease(record)?.manifest.subject;
  return subject?.kind === "branch" ? subject.branch : undefined;
}

/** Emits why tags of the command's own release stay at another one. */
export function explainStays(
  { reader, own, emit }: { readonly reader: RecordReader; readonly own: string | undefined; readonly emit: Emit },
  targets: readonly TagTarget[],
  moves: readonly TagMove[],
  explained: Set<string>,
): void {
  for (const target of targets) {
    if (own === undefined || !target.askedBy.includes(own) || target.release.tag === own) continue;
    if (target.rollback?.tag === own || parseRecordTag(own)?.kind === "abandonment") continue;
    const because =
      target.rollback === undefined
        ? whyElsewhere(reader, own, target.release)
        : `rolled back to ${displayName(target.release)}`;
    for (const { image, state, from } of moves.filter((move) => move.target === target)) {
      const key = `${image}:${target.tag}`;
      if (state !== "already" || explained.has(key)) continue;
      explained.add(key);
      emit({ kind: "tag", image, tag: target.tag, from, to: target.digest, state: "stays", because });
    }
  }
}
