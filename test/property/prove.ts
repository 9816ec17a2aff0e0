import { rmSync } from "node:fs";
import { join } from "node:path";
import { makeIgnoreMatcher } from "../../src/dockerfile/ignore.ts";
import { diffInputs } from "../../src/inputs/diff.ts";
import { bakeAll, type Baked, type Order } from "./bake.ts";
import { compareImages, type SourceStep } from "./image.ts";
import { type Prepared, prepare, type Said, type Workshop } from "./prepare.ts";
import type { Case, World } from "./world.ts";

/** What came of a case. The first five must never be. */
export type Verdict =
  /** Equal fingerprints, different images. */
  | "unsound"
  /** The exact context gives another image than the plain one. */
  | "exact context differs"
  /** BuildKit followed a path whose files are no inputs. */
  | "uncovered"
  /** Slipway refuses what BuildKit builds. */
  | "wrongly refused"
  | "crashed"
  /** Different fingerprints, equal images. */
  | "needless"
  | "rebuilt"
  | "reused"
  /** Slipway and BuildKit refuse one side. */
  | "refused"
  /** BuildKit refuses one side, Slipway does not. */
  | "accepted";

export interface Outcome {
  readonly one: Case;
  readonly verdict: Verdict;
  readonly details: readonly string[];
}

export const faults: ReadonlySet<Verdict> = new Set<Verdict>([
  "unsound",
  "exact context differs",
  "uncovered",
  "wrongly refused",
  "crashed",
]);

/**
 * Builds both sides of each case and judges what Slipway said of them. Of several candidates for one case, the first that
 * Slipway does not refuse is taken, else the last.
 */
export async function prove(workshop: Workshop, cases: readonly (readonly Case[])[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const prepared: Prepared[] = [];
  for (const candidates of cases) {
    const chosen = await choose(workshop, candidates);
    if ("verdict" in chosen) outcomes.push(chosen);
    else prepared.push(chosen);
  }
  const sure = prepared.filter((each) => !isRefused(each)).flatMap(ordersOf);
  const baked = await bakeAll(workshop.host, workshop.folder, sure);
  for (const order of prepared.filter(isRefused).flatMap(ordersOf)) {
    for (const [name, result] of await bakeAll(workshop.host, workshop.folder, [order])) baked.set(name, result);
  }
  for (const each of prepared) {
    outcomes.push(judge(each, baked));
    rmSync(join(workshop.folder, each.one.name), { recursive: true });
  }
  return outcomes;
}

async function choose(workshop: Workshop, candidates: readonly Case[]): Promise<Prepared | Outcome> {
  const [one, ...others] = candidates;
  if (one === undefined) throw new RangeError("there is no case");
  try {
    const prepared = await prepare(workshop, one);
    if (others.length === 0 || !isRefused(prepared)) return prepared;
  } catch (error) {
    return { one, verdict: "crashed", details: [error instanceof Error ? String(error.stack) : String(error)] };
  }
  rmSync(join(workshop.folder, one.name), { recursive: true });
  return choose(workshop, others);
}

function isRefused({ before, after }: Prepared): boolean {
  return before.said.kind === "refused" || after.said.kind === "refused";
}

function ordersOf({ one, before, after, staged }: Prepared): Order[] {
  const orders = [
    { name: `${one.name}-before`, handed: before.plain, world: one.before, withSteps: one.asksSteps },
    { name: `${one.name}-after`, handed: after.plain, world: one.after, withSteps: false },
  ];
  if (staged === undefined) return orders;
  return [...orders, { name: `${one.name}-staged`, handed: staged.handed, world: one[staged.side], withSteps: false }];
}

function judge(prepared: Prepared, baked: ReadonlyMap<string, Baked>): Outcome {
  const { one } = prepared;
  const resultOf = (side: string): Baked =>
    baked.get(`${one.name}-${side}`) ?? { kind: "failed", because: "it was not built" };
  const outcome = (verdict: Verdict, details: readonly string[] = []): Outcome => ({ one, verdict, details });
  const [before, after] = [resultOf("before"), resultOf("after")];
  const sides = [
    [prepared.before.said, before],
    [prepared.after.said, after],
  ] as const;
  for (const [said, result] of sides) {
    if (said.kind === "refused" && result.kind === "image") return outcome("wrongly refused", [said.because]);
  }
  const exact = judgeExact(prepared, resultOf);
  if (exact.length > 0) return outcome("exact context differs", exact);
  const uncovered = before.kind === "image" ? findUncovered(one.before, prepared.before.said, before.image.steps) : [];
  if (uncovered.length > 0) return outcome("uncovered", uncovered);
  if (sides.some(([said]) => said.kind === "refused")) return outcome("refused");
  const isEqual = fingerprintOf(prepared.before.said) === fingerprintOf(prepared.after.said);
  if (before.kind === "failed" || after.kind === "failed") {
    const because = [before, after].flatMap((each) => (each.kind === "failed" ? [each.because] : []));
    return outcome(isEqual && before.kind !== after.kind ? "unsound" : "accepted", because);
  }
  const differences = compareImages(before.image, after.image);
  if (isEqual) return outcome(differences.length > 0 ? "unsound" : "reused", differences);
  return differences.length > 0 ? outcome("rebuilt") : outcome("needless", whatChanged(prepared));
}

function judgeExact({ staged }: Prepared, resultOf: (side: string) => Baked): readonly string[] {
  if (staged === undefined) return [];
  const [plain, exact] = [resultOf(staged.side), resultOf("staged")];
  if (plain.kind === "failed") return [];
  if (exact.kind === "failed") return [exact.because];
  return compareImages(plain.image, exact.image);
}

function whatChanged({ before, after }: Prepared): string[] {
  if (before.said.kind === "refused" || after.said.kind === "refused") return [];
  const found = diffInputs(before.said.read.inputs, after.said.read.inputs);
  return found.map(({ what, name, change }) => `${what} ${JSON.stringify(name)} ${change}`);
}

function fingerprintOf(said: Said): string | null {
  return said.kind === "inputs" ? said.read.inputs.fingerprint : null;
}

/** Files below what BuildKit followed that are no inputs. `--exclude` takes files out again, of which the steps say nothing. */
function findUncovered(world: World, said: Said, steps: readonly SourceStep[]): string[] {
  if (said.kind === "refused" || world.dockerfile.some((line) => line.includes("--exclude"))) return [];
  const inputs = new Set(said.read.inputs.files.map(({ path }) => path));
  return steps.flatMap(({ context, followed, excluded }) => {
    const root = context === "context" ? world.context : world.contexts[context];
    if (root === undefined) throw new Error(`BuildKit read the context "${context}", which nobody gave it`);
    const isIgnored = makeIgnoreMatcher({
      file: ".dockerignore",
      patterns: excluded.map((pattern) => ({ pattern, line: undefined })),
    });
    const prefix = root === "." ? "" : `${root}/`;
    const there = [...Object.keys(world.files), world.dockerfilePath].filter((path) => path.startsWith(prefix));
    return there.filter((path) => {
      const local = path.slice(prefix.length);
      if (inputs.has(path) || isIgnored(local)) return false;
      return followed === undefined || followed.some((each) => isBelow(each, local));
    });
  });
}

/** Whether a followed path names a file or a folder above it. With patterns of `*` and `?` only; others are left alone. */
function isBelow(followed: string, path: string): boolean {
  if (/[\\[\]]/.test(followed)) return false;
  const parts = followed.split("/").filter((part) => part !== "" && part !== ".");
  const names = path.split("/");
  return parts.length <= names.length && parts.every((part, index) => isMatch(part, names[index] ?? ""));
}

function isMatch(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su").test(name);
}
