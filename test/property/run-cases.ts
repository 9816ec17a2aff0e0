import { changes } from "./change.ts";
import { makeFolderCase } from "./folder-case.ts";
import { type BaseImages, makeWorld } from "./generate.ts";
import type { Workshop } from "./prepare.ts";
import { type Outcome, prove } from "./prove.ts";
import { Random } from "./random.ts";
import { renderScript } from "./script.ts";
import { shrink } from "./shrink.ts";
import { type Case, hasAttributes } from "./world.ts";

/** Which cases, and how much of each is built; see `prove`. */
export interface CaseOptions {
  readonly firstSeed: number;
  readonly count: number;
  readonly whole: boolean;
  /** Cases of folders as they lie, instead of repositories. */
  readonly source?: "folder" | undefined;
  /** Asked before some more are begun. */
  readonly goesOn?: () => boolean;
  readonly onOutcomes?: (outcomes: readonly Outcome[]) => void;
}

/** Cases of one bake, and bakes at once. */
const [atOnce, batches] = [16, 2];

/** Proves the cases of as many seeds. */
export async function runCases(workshop: Workshop, bases: BaseImages, options: CaseOptions): Promise<Outcome[]> {
  const { firstSeed, count, whole, source, goesOn = () => true, onOutcomes = () => undefined } = options;
  const seeds = Array.from({ length: count }, (_, index) => firstSeed + index);
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    while (seeds.length > 0 && goesOn()) {
      const some = seeds.splice(0, atOnce).map((seed) => makeCandidates(seed, bases, source));
      const found = await prove(workshop, some, whole);
      outcomes.push(...found);
      onOutcomes(found);
    }
  };
  await Promise.all(Array.from({ length: batches }, work));
  return outcomes;
}

/** Cases that cannot be built show little, so there are several for most seeds. */
function makeCandidates(seed: number, bases: BaseImages, source: "folder" | undefined): Case[] {
  const random = new Random(seed);
  const make = source === "folder" ? makeFolderCase : makeCase;
  return Array.from({ length: seed % 10 === 0 ? 1 : 5 }, () => make(random, `c${seed}`, bases));
}

/** Cases that a fault with contexts over the same files would get wrong. */
const contextChanges = [
  "leave a file out of the build context",
  "point a named context elsewhere",
  "edit a file of a named context",
];

function makeCase(random: Random, name: string, bases: BaseImages): Case {
  const before = makeWorld(random, bases);
  for (;;) {
    const isOfContexts = Object.keys(before.contexts).length > 0 && random.chance(0.3);
    const change = random.pick(isOfContexts ? contextChanges : Object.keys(changes));
    const after = changes[change]?.(random, before);
    const [isCommitted, asksSteps] = [random.chance(0.6), random.chance(0.3)];
    if (after === undefined) continue;
    // Only what git has checked out has the bytes that attributes make.
    const hasRules = hasAttributes(before) || hasAttributes(after);
    const staged = isCommitted && random.chance(0.5) ? "before" : "after";
    return { name, before, after, change, isCommitted: isCommitted || hasRules, staged, asksSteps };
  }
}

/** Report of a failed case: the fault, the seed, and a smaller case with the same fault as a script. */
export async function describeFault(workshop: Workshop, { one, verdict, details }: Outcome): Promise<string> {
  const head = `${verdict}: SLIPWAY_SEED=${one.name.slice(1)} SLIPWAY_CASES=1 (${one.change})\n${details.slice(0, 12).join("\n")}`;
  process.stderr.write(`${head}\n${renderScript(one)}\n`);
  const isFaulty = async (smaller: Case): Promise<boolean> =>
    (await prove(workshop, [[smaller]]))[0]?.verdict === verdict;
  return `${head}\n${renderScript(await shrink(one, isFaulty, 60))}`;
}
