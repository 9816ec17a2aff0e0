import { isRefusal } from "../../errors.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { type Kill, makeScheduler } from "./runs.ts";
import {
  makeReleasesWorld,
  type Released,
  runRelease,
  version,
  type ReleasesWorld,
  type WorldRelease,
} from "./world.ts";

interface AtOnce {
  readonly world: ReleasesWorld;
  readonly succeeded: readonly Released[];
  readonly refused: readonly unknown[];
  readonly trace: readonly string[];
}

/**
 * Runs releases in parallel, with an order of requests that the seed determines. Returns those that succeeded and those that were refused;
 * throws any other error.
 */
export async function releaseAtOnce(
  order: number,
  releases: readonly WorldRelease[],
  kills: readonly (Kill | undefined)[] = [],
): Promise<AtOnce> {
  const world = makeReleasesWorld();
  const host = makeTestHost({ seed: order });
  const scheduler = makeScheduler(world.memory, () => host.random());
  const results = await scheduler.runAll(
    releases.map((release) => (run) => runRelease(world, world.client(run), release)),
    kills,
  );
  for (const [at, each] of results.entries()) {
    if (each.status === "rejected" && kills[at] === undefined && !isRefusal(each.reason)) throw each.reason;
  }
  return {
    world,
    succeeded: results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])),
    refused: results.flatMap((each) => (each.status === "rejected" ? [each.reason] : [])),
    trace: scheduler.trace,
  };
}

/** Two versions of one commit, each released twice. The bits of `order` decide which runs take images that another run published. */
export function fourReleases(order: number): readonly WorldRelease[] {
  return ["1.1.0", "1.1.0", "1.2.0", "1.2.0"].map((text, run) => ({
    subject: version(text),
    content: "same",
    commit: "c".repeat(40),
    build: `${run}`,
    chain: { looks: (order >> run) % 2 === 1 },
  }));
}
