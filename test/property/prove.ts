import { createHash } from "node:crypto";
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeIgnoreMatcher } from "../../src/dockerfile/matching/ignore.ts";
import { diffInputs } from "../../src/inputs/diff.ts";
import { bakeAll, type Baked, type Order } from "./bake.ts";
import { compareImages, type SourceStep } from "./image.ts";
import { type Prepared, prepare, type Said, type Workshop } from "./prepare.ts";
import { type Case, entriesOf, type World } from "./world.ts";

/** Verdict on a case. The first five are faults. */
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
  /** Different fingerprints; only one side was built, so whether it was needless is not known. */
  | "told apart"
  | "reused"
  /** Slipway and BuildKit refuse one side. */
  | "refused"
  /** BuildKit refuses one side, Slipway does not. */
  | "accepted"
  /** Of the plain context, docker sends a file empty that its two readings of an ignore file disagree on. */
  | "emptied";

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
 * Judges what Slipway said of the sides of each case by what BuildKit makes of them. `whole`: both sides and the exact context of one are
 * built. Otherwise two images do: with equal fingerprints, the exact context of one side and the plain context of the other; with different
 * ones, the exact and the plain context of one side. Only where those two differ are all three built. Of several candidates for one
 * case, the first that Slipway does not refuse is taken, else the last.
 */
export async function prove(workshop: Workshop, cases: readonly (readonly Case[])[], whole = true): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const prepared: Prepared[] = [];
  for (const candidates of cases) {
    const chosen = await choose(workshop, candidates);
    if ("verdict" in chosen) outcomes.push(chosen);
    else prepared.push(chosen);
  }
  const bake = (orders: readonly Order[]): Promise<Map<string, Baked>> =>
    bakeAll(workshop.host, workshop.folder, orders);
  const isShort = (each: Prepared): boolean => !whole && !isRefused(each) && each.staged !== undefined;
  const short = prepared.filter(isShort);
  const baked = await bake([
    ...short.flatMap((each) => ordersOf(each).filter(({ name }) => shortOrders(each).includes(name))),
    ...prepared.filter((each) => !isShort(each) && !isRefused(each)).flatMap(ordersOf),
  ]);
  const open = short.filter((each) => judgeShort(each, baked) === undefined);
  for (const order of [...prepared.filter(isRefused), ...open].flatMap(ordersOf)) {
    if (baked.has(order.name)) continue;
    for (const [name, result] of await bake([order])) baked.set(name, result);
  }
  for (const each of prepared) {
    await buildAlone(workshop, each, baked);
    outcomes.push((isShort(each) ? judgeShort(each, baked) : undefined) ?? judge(each, baked));
    rmSync(join(workshop.folder, each.one.name), { recursive: true });
  }
  return outcomes;
}

/**
 * Whether BuildKit refuses a pattern that matches nothing depends on what it has built before: a step of another case with the same
 * instruction and the same content (none) is in its cache, and is not run again. What Slipway refuses and BuildKit built is built once
 * more, without the cache and from folders with names of their own, as an engine that has built nothing would.
 */
async function buildAlone(workshop: Workshop, prepared: Prepared, baked: Map<string, Baked>): Promise<void> {
  const { one, before, after } = prepared;
  const refused = ordersOf(prepared).filter(({ name }) => {
    const said = name === `${one.name}-before` ? before.said : name === `${one.name}-after` ? after.said : undefined;
    return said?.kind === "refused" && baked.get(name)?.kind === "image";
  });
  for (const order of refused) {
    const copies: string[] = [];
    const copy = (path: string): string => {
      if (!existsSync(path)) return path;
      const to = join(workshop.folder, `${order.name}-alone-${copies.length}`);
      copies.push(to);
      cpSync(path, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      return to;
    };
    const { context, contexts } = order.handed;
    const named = Object.entries(contexts).map(([name, path]) => [name, copy(path)] as const);
    const handed = { ...order.handed, context: copy(context), contexts: Object.fromEntries(named) };
    for (const [name, result] of await bakeAll(workshop.host, workshop.folder, [
      { ...order, handed, ignoresCache: true },
    ])) {
      baked.set(name, result);
    }
    for (const path of copies) rmSync(path, { recursive: true });
  }
}

function hasEqualFingerprints({ before, after }: Prepared): boolean {
  return fingerprintOf(before.said) === fingerprintOf(after.said);
}

/** The side whose plain context is built beside the exact one. */
function plainSide(prepared: Prepared): "before" | "after" {
  const { staged } = prepared.one;
  if (!hasEqualFingerprints(prepared)) return staged;
  return staged === "before" ? "after" : "before";
}

function shortOrders(prepared: Prepared): readonly string[] {
  return [`${prepared.one.name}-${plainSide(prepared)}`, `${prepared.one.name}-staged`];
}

/** Undefined: the two images are not the same, or one was not built; all three say why. */
function judgeShort(prepared: Prepared, baked: ReadonlyMap<string, Baked>): Outcome | undefined {
  const { one } = prepared;
  const [plain, exact] = shortOrders(prepared).map((name) => baked.get(name));
  if (plain?.kind !== "image" || exact?.kind !== "image" || compareImages(plain.image, exact.image).length > 0) {
    return undefined;
  }
  const side = plainSide(prepared);
  const uncovered = findUncovered(one[side], prepared[side].said, plain.image.steps);
  if (uncovered.length > 0) return { one, verdict: "uncovered", details: uncovered };
  return { one, verdict: hasEqualFingerprints(prepared) ? "reused" : "told apart", details: [] };
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
  const withSteps = one.asksSteps;
  const orders = [
    { name: `${one.name}-before`, handed: before.plain, world: one.before, withSteps },
    { name: `${one.name}-after`, handed: after.plain, world: one.after, withSteps },
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
  if (exact.length > 0) return outcome(exact.every(isEmptied) ? "emptied" : "exact context differs", exact);
  const uncovered = [
    ...(before.kind === "image" ? findUncovered(one.before, prepared.before.said, before.image.steps) : []),
    ...(after.kind === "image" ? findUncovered(one.after, prepared.after.said, after.image.steps) : []),
  ];
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

/**
 * Whether a difference is that a file is empty in the plain image alone. Which files to send is decided folder by folder, and once more
 * when a file is opened, by another way of matching; where that says no, the file is sent without its content. Source: fsutil, filter.go,
 * `filterFS.Open`.
 */
function isEmptied(difference: string): boolean {
  const empty = createHash("sha256").digest("hex").slice(0, 12);
  return new RegExp(`: (type 0 mode \\d+ owner \\d+:\\d+ target "" )${empty} "" \\| \\1(?!${empty})`).test(difference);
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
  const inputs = new Set(said.read.inputs.files.map(({ context: of, path }) => `${of ?? "context"} ${path}`));
  return steps.flatMap(({ context, followed, excluded }) => {
    const root = context === "context" ? world.context : world.contexts[context];
    if (root === undefined) throw new Error(`BuildKit read the context "${context}", which nobody gave it`);
    const isIgnored = makeIgnoreMatcher({
      file: ".dockerignore",
      patterns: excluded.map((pattern) => ({ pattern, line: undefined })),
    });
    const prefix = root === "." ? "" : `${root}/`;
    const there = Object.entries(entriesOf(world)).flatMap(([path, { kind }]) =>
      path.startsWith(prefix) && kind !== "folder" ? [path] : [],
    );
    return there.filter((path) => {
      const local = path.slice(prefix.length);
      if (inputs.has(`${context} ${path}`) || isIgnored(local)) return false;
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
