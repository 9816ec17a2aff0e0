import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Digest } from "../model/digest.ts";
import type { ReleaseSubject } from "../model/release.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { compareReleases, parseRecordTags, type ReleaseName } from "./record-names.ts";
import { readReleaseRecord } from "./records.ts";
import { rollBackTo } from "./rollback.ts";
import { fourReleases, releaseAtOnce } from "./testing/release-at-once.ts";
import { type Kill, makeScheduler } from "./testing/runs.ts";
import { whereAllBelongs, whereAllIs } from "./testing/where-all-is.ts";
import {
  branch,
  type Client,
  makeReleasesWorld,
  runRelease,
  tagsOf,
  version,
  type ReleasesWorld,
} from "./testing/world.ts";

/** What a run does. Contents follow from the subject, so a repeated run releases the same again. */
type Deed =
  | { readonly kind: "release"; readonly subject: ReleaseSubject }
  /** To one of the releases that are there, counted around. */
  | { readonly kind: "rollback"; readonly pick: number };

interface Run {
  readonly deed: Deed;
  readonly kill: Kill | undefined;
}

/** Runs of one batch are there at once; the next batch begins when all of them have ended, one way or the other. */
interface Sequence {
  readonly seed: number;
  readonly batches: readonly (readonly Run[])[];
}

/** Few lines, so that runs get in each other's way. */
const anySubject: fc.Arbitrary<ReleaseSubject> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom("0.1.0", "0.1.1", "1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "2.0.0", "2.0.1")
      .map(version),
  },
  { weight: 1, arbitrary: fc.constantFrom("1.1.2-rc.1", "2.0.0-rc.1").map(version) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("main", "main", "fix"), fc.nat(4)).map(([name, at]) => branch(name, at)),
  },
);
const anyDeed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: anySubject.map((subject) => ({ kind: "release" as const, subject })) },
  { weight: 1, arbitrary: fc.nat(20).map((pick) => ({ kind: "rollback" as const, pick })) },
);
const anyKill: fc.Arbitrary<Kill> = fc.record({
  atRequest: fc.integer({ min: 1, max: 90 }),
  isCarriedOut: fc.boolean(),
});

function sequences(runsAtOnce: number, batches: number): fc.Arbitrary<Sequence> {
  const anyRun: fc.Arbitrary<Run> = fc.record({ deed: anyDeed, kill: fc.option(anyKill, { nil: undefined, freq: 1 }) });
  const anyBatch = fc.array(anyRun, { minLength: 1, maxLength: runsAtOnce });
  return fc.record({ seed: fc.nat(), batches: fc.array(anyBatch, { minLength: 1, maxLength: batches }) });
}

/** Carries one deed out as a command does. */
async function act(world: ReleasesWorld, client: Client, deed: Deed): Promise<void> {
  const { releases, services } = world;
  if (deed.kind === "release") {
    await runRelease(world, client, { subject: deed.subject, content: JSON.stringify(deed.subject) });
    return;
  }
  const names = parseRecordTags([...tagsOf(world.memory, releases).keys()]).releases;
  const targets = names.filter((name) => name.kind === "branch" || name.version.prerelease.length === 0);
  const to = targets[deed.pick % Math.max(1, targets.length)];
  if (to !== undefined) await rollBackTo(client.host, client.registry, { releases, services, to: to.tag }, client.emit);
}

/** Which release each tag was at when no run was under way, and how many rollbacks there were. */
interface Positions {
  names: ReadonlyMap<string, ReleaseName>;
  rollbacks: number;
}

/**
 * All tags are where the records say, and there are no others; and since the last time none went to an older release, unless
 * somebody rolled back.
 */
async function expectConverged(world: ReleasesWorld, before: Positions): Promise<void> {
  const belongs = await whereAllBelongs(world);
  const { rollbacks } = parseRecordTags([...tagsOf(world.memory, world.releases).keys()]);
  if (rollbacks.length === before.rollbacks) {
    for (const [place, was] of before.names) {
      const is = belongs.get(place)?.name;
      expect(is !== undefined && compareReleases(is, was) >= 0, `${place} went from ${was.tag} to ${is?.tag}`).toBe(
        true,
      );
    }
  }
  before.rollbacks = rollbacks.length;
  before.names = new Map([...belongs].map(([place, { name }]) => [place, name]));
  const should = Object.fromEntries([...belongs].map(([place, { digest }]) => [place, digest]));
  expect(Object.fromEntries(whereAllIs(world))).toEqual(should);
}

/** Version tags that have been seen must be where they were. */
function expectVersionsStay(world: ReleasesWorld, seen: Map<string, Digest>): void {
  for (const [place, digest] of whereAllIs(world)) {
    const tag = place.slice(place.lastIndexOf(":") + 1);
    if (!/^(\d+\.\d+\.\d+|sha-)/.test(tag)) continue;
    expect(`${place} ${digest}`).toBe(`${place} ${seen.get(place) ?? digest}`);
    seen.set(place, digest);
  }
}

interface Played {
  readonly world: ReleasesWorld;
  /** Deeds of runs that were killed. */
  readonly killed: readonly Deed[];
  readonly seen: Map<string, Digest>;
  readonly before: Positions;
}

/** Plays a sequence; `afterBatch` is called whenever no run is under way. */
async function play(sequence: Sequence, afterBatch: (played: Played) => Promise<void>): Promise<void> {
  const world = makeReleasesWorld();
  const host = makeTestHost({ seed: sequence.seed });
  const seen = new Map<string, Digest>();
  const before: Positions = { names: new Map(), rollbacks: 0 };
  for (const [number, batch] of sequence.batches.entries()) {
    const scheduler = makeScheduler(world.memory, () => host.random());
    const killed: Deed[] = [];
    const results = await scheduler.runAll(
      batch.map(({ deed }, at) => async (run) => {
        const client = world.client({ ...run, seed: sequence.seed + number * 10 + at + 1 });
        try {
          await act(world, client, deed);
        } catch (error) {
          if (!run.isDead()) throw error;
          killed.push(deed);
        }
      }),
      batch.map(({ kill }) => kill),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    expectVersionsStay(world, seen);
    await afterBatch({ world, killed, seen, before });
  }
}

/** How many sequences, and how many orders of the requests of releases of one version at once. The nightly run has more. */
const cases = Number(process.env["SLIPWAY_CASES"] ?? (process.env["SLIPWAY_NIGHTLY"] === undefined ? 200 : 1000));
const seed = Number(process.env["SLIPWAY_SEED"] ?? 20261124);
const limit = 60_000 + 300 * cases;
console.info(`SLIPWAY_SEED=${seed} SLIPWAY_CASES=${cases}`);

test(
  "several runs at once, each killed anywhere or not: once the killed ones are run again, every tag is where the records say",
  async () => {
    await fc.assert(
      fc.asyncProperty(sequences(3, 3), async (sequence) => {
        await play(sequence, async ({ world, killed, seen, before }) => {
          for (const deed of killed) await act(world, world.client(), deed);
          expectVersionsStay(world, seen);
          await expectConverged(world, before);
        });
      }),
      { numRuns: cases, seed },
    );
  },
  limit,
);

test(
  "one run after another, each killed anywhere or not: the next release finishes the unfinished ones",
  async () => {
    await fc.assert(
      fc.asyncProperty(sequences(1, 5), async (sequence) => {
        let finished = 0;
        await play(sequence, async ({ world, killed, seen, before }) => {
          if (killed.length > 0) {
            finished += 1;
            await act(world, world.client(), { kind: "release", subject: branch("later", finished) });
          }
          expectVersionsStay(world, seen);
          await expectConverged(world, before);
        });
      }),
      { numRuns: cases, seed },
    );
  },
  limit,
);

test(
  "two runs that commit one version of one commit at once, each with a build of its own: one record, all tags are its, and what succeeds says so",
  async () => {
    const subject = version("1.0.0");
    const ends = new Set<number>();
    for (let at = 0; at < cases; at += 1) {
      const { world, succeeded } = await releaseAtOnce(seed + at, [
        { subject, content: "same", build: "one" },
        { subject, content: "same", build: "two" },
      ]);
      ends.add(succeeded.length);
      const stored = await readReleaseRecord(world.client().registry, world.releases, "1.0.0");
      for (const { reconciled } of succeeded) expect(reconciled.own?.raw.digest).toBe(stored?.raw.digest);
      await expectConverged(world, { names: new Map(), rollbacks: 0 });
    }
    expect(ends).not.toContain(0);
    expect(ends).toContain(2);
  },
  limit,
);

test("one seed gives one order, request by request", async () => {
  for (let order = seed; order < seed + 4; order += 1) {
    const [first, second] = [
      await releaseAtOnce(order, fourReleases(order)),
      await releaseAtOnce(order, fourReleases(order)),
    ];
    expect(first.trace.length).toBeGreaterThan(100);
    expect(second.trace).toEqual(first.trace);
  }
});

test(
  "four runs of two versions of one commit at once, each with builds of its own or another's: none is refused for its images",
  async () => {
    for (let order = seed; order < seed + cases / 2; order += 1) {
      const { world, succeeded, refused } = await releaseAtOnce(order, fourReleases(order));
      // All that may happen is that a run waited in vain for another one to put its tag right.
      for (const reason of refused) {
        expect(reason).toMatchObject({ message: expect.stringMatching(/^release \S+: moving /) });
      }
      if (refused.length > 0) continue;
      const { registry } = world.client();
      for (const { committed, reconciled } of succeeded) {
        const stored = await readReleaseRecord(registry, world.releases, committed.stored.name.tag);
        expect(reconciled.own?.raw.digest, `order ${order}`).toBe(stored?.raw.digest);
      }
      await expectConverged(world, { names: new Map(), rollbacks: 0 });
    }
  },
  limit,
);

test(
  "two or three runs that commit one version with different images at once: at most one succeeds, and every tag is the record's, whoever was refused",
  async () => {
    const subject = version("1.0.0");
    const ends = new Set<number>();
    for (let at = 0; at < cases; at += 1) {
      const contents = at % 3 === 0 ? ["one", "two", "three"] : ["one", "two"];
      const { world, succeeded } = await releaseAtOnce(
        seed + at,
        contents.map((content) => ({ subject, content })),
      );
      ends.add(succeeded.length);
      expect(succeeded.length).toBeLessThan(2);
      const stored = await readReleaseRecord(world.client().registry, world.releases, "1.0.0");
      for (const { committed } of succeeded) expect(stored?.raw.digest).toBe(committed.stored.raw.digest);
      await expectConverged(world, { names: new Map(), rollbacks: 0 });
    }
    expect(ends).toContain(1);
  },
  limit,
);

test(
  "two runs that commit one version with different images at once, one killed anywhere: when both commands were repeated, every tag is the record's",
  async () => {
    const subject = version("1.0.0");
    const releases = ["one", "two"].map((content) => ({ subject, content }));
    for (let at = 0; at < cases; at += 1) {
      const host = makeTestHost({ seed: seed + at });
      const kill = { atRequest: 1 + Math.floor(host.random() * 110), isCarriedOut: host.random() < 0.5 };
      const { world } = await releaseAtOnce(seed + at, releases, [kill]);
      for (const release of [...releases, ...releases]) {
        await runRelease(world, world.client(), release).catch((error: unknown) =>
          expect(error).toMatchObject({ code: "refused" }),
        );
      }
      await expectConverged(world, { names: new Map(), rollbacks: 0 });
    }
  },
  limit,
);
