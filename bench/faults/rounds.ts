import { contents, type Lane, type Ran } from "./lane.ts";
import { lastLines, notTheRecords } from "./trial.ts";

/** Releases that begin in the same moment, each in a working copy of its own. */
export interface RoundKind {
  readonly name: string;
  /** One entry a run: what it releases, and what its working copy holds that the others' do not. */
  readonly runs: readonly { readonly version: string; readonly own?: string }[];
}

export const roundKinds: readonly RoundKind[] = [
  { name: "2 of one version and commit", runs: [{ version: "1.1.0" }, { version: "1.1.0" }] },
  { name: "2 of two versions", runs: [{ version: "1.1.0" }, { version: "1.2.0", own: "b" }] },
  {
    name: "2 of one version, other inputs",
    runs: [
      { version: "1.1.0", own: "a" },
      { version: "1.1.0", own: "b" },
    ],
  },
  {
    name: "4 of two versions, each twice",
    runs: [{ version: "1.1.0" }, { version: "1.1.0" }, { version: "1.2.0" }, { version: "1.2.0" }],
  },
  {
    name: "4 of one version, two inputs",
    runs: [
      { version: "1.1.0", own: "a" },
      { version: "1.1.0", own: "a" },
      { version: "1.1.0", own: "b" },
      { version: "1.1.0", own: "b" },
    ],
  },
];

/** Result of one round. `exitCodes` are in the order of the runs. */
export interface RoundResult {
  readonly kind: string;
  readonly exitCodes: readonly (number | null)[];
  readonly wrong: readonly string[];
}

/**
 * All at once, then a later release. At the end every version that has a record has its tags where the record says, and
 * nothing is unfinished; a version without a record has no tags.
 */
export async function runRound(lane: Lane, kind: RoundKind, number: number): Promise<RoundResult> {
  await lane.restore("released");
  const copies = await makeCopies(lane, kind, number);
  const ran = await Promise.all(kind.runs.map(({ version }, at) => lane.start(["release", version], copies[at]).ended));
  const wrong = ran.flatMap((each, at) => unexpected(each, kind, at));
  const versions = [...new Set(kind.runs.map(({ version }) => version))];
  const main = lane.copy("later");
  await lane.commit(contents(`${number} later`, ["shop"]), main);
  const later = await lane.start(["release", "2.0.0"], main).ended;
  if (later.exitCode !== 0) wrong.push(`the later release ended with ${later.exitCode}: ${lastLines(later.stderr)}`);
  const now = await lane.observe();
  for (const version of [...versions, "2.0.0"]) wrong.push(...(await notTheRecords(lane, now, version)));
  const status = await lane.start(["status", "--json"], main).ended;
  const { unfinished } = JSON.parse(status.stdout) as { unfinished: readonly string[] };
  if (unfinished.length > 0) wrong.push(`unfinished at the end: ${unfinished.join(", ")}`);
  return { kind: kind.name, exitCodes: ran.map(({ exitCode }) => exitCode), wrong };
}

/** A working copy for each run; those of the same inputs are at the same commit. */
async function makeCopies(lane: Lane, kind: RoundKind, number: number): Promise<readonly string[]> {
  const copies: string[] = [];
  for (const [at, { own }] of kind.runs.entries()) {
    const twin = copies[kind.runs.findIndex((each) => each.own === own)];
    const folder = lane.copy(`copy-${at}`, twin);
    if (twin === undefined && own !== undefined) {
      await lane.commit(contents(`${number} ${own}`, ["core"]), folder);
    }
    copies.push(folder);
  }
  return copies;
}

/** Only a run of the same version with other inputs may be refused. */
function unexpected({ exitCode, stderr }: Ran, kind: RoundKind, at: number): string[] {
  const mine = kind.runs[at];
  const hasRival = kind.runs.some(({ version, own }) => version === mine?.version && own !== mine.own);
  if (exitCode === 0 || (exitCode === 3 && hasRival)) return [];
  return [`run ${at + 1} ended with ${exitCode}: ${lastLines(stderr)}`];
}
