import type { Case, CaseContext, Goal, Measured, Measurement, Medians, OpenCase } from "./case.ts";
import { type Ground, openGround } from "./ground.ts";
import { type BenchRepository, type Change, changes, makeManyRepository, makeShopRepository } from "./repositories.ts";
import { alone, cached, inParallel, oneAfterAnother, slipway, type Way } from "./ways.ts";

const official = [cached("registry"), cached("inline"), cached("gha")];
const own = [slipway("registry"), slipway("gha"), slipway("all tiers")];
const aloneWays = [alone("registry"), alone("inline"), alone("gha")];

const method = [
  "Every run begins with an empty engine (its start is not timed), as a CI runner does; what registry and cache service hold is put back from a copy made after everything was released once in the same way. Registry, cache service and engine share the machine: there is no network time in it, and they take processor time from each other.",
  "Without a cache it does not matter what changed, so each round measures that for another of the columns.",
  "Plain buildx pushes with `--output type=image,push=true,store=false,unpack=false`, which is its fastest form: plain `--push` on the Engine's own builder also unpacks every image into the runner's store. Caches as their documentation sets them up: `registry` and `gha` with `mode=max` and a reference or scope for each service, `inline` reads `:latest`. Slipway is the built package with its defaults for a push to the trunk: without GitHub's cache variables (`registry`), with them (`all tiers`), and with `--cache gha` (`gha`); it signs nothing, and writes records, tags and notes beside the images, which plain buildx does not.",
] as const;

/** The example repository: four services with real build steps. */
export const shopCase: Case = {
  name: "shop",
  title: "Releasing four services, on empty engines",
  about: "the example repository: plain buildx, the official caches, Slipway",
  method,
  goals: [
    ...unchangedGoals(),
    {
      text: "one changed: slipway, the better of its tiers / that service alone with the best cache",
      unit: "×",
      limit: 1.05,
      value: (medians) => ratio(best(medians, "one changed", own), best(medians, "one changed", aloneWays)),
    },
    ...changedGoals(),
  ],
  opening: 420,
  open: (context) => openBuilds(context, (ground) => makeShopRepository(ground.folder, ground.registry), 25),
};

/** Small services: what a release costs beside the builds. */
export const manyCase: Case = {
  name: "many",
  title: "Releasing 25 small services, on empty engines",
  about: "a generated repository: two short stages a service and a folder they all copy",
  method,
  goals: [
    ...unchangedGoals(),
    {
      text: "one of 25 changed: slipway, the better of its tiers / the best official cache",
      unit: "×",
      limit: 0.65,
      value: (medians) => ratio(best(medians, "one changed", own), best(medians, "one changed", official)),
    },
    ...changedGoals(),
  ],
  opening: 300,
  open: (context) => openBuilds(context, (ground) => makeManyRepository(ground.folder, ground.registry, 25), 20),
};

function unchangedGoals(): Goal[] {
  return [cached("gha"), cached("registry")].map((way) => ({
    text: `nothing changed: ${way.name} / slipway, all tiers`,
    unit: "×",
    limit: 10,
    atLeast: true,
    value: (medians) => ratio(seconds(medians, "nothing changed", way), seconds(medians, "nothing changed", allTiers)),
  }));
}

function changedGoals(): Goal[] {
  const pairs = [
    [slipway("registry"), cached("registry")],
    [slipway("gha"), cached("gha")],
  ] as const;
  const sameExports = pairs.map(([ours, theirs]): Goal => ({
    text: `all changed: ${ours.name} / ${theirs.name}`,
    unit: "×",
    limit: 1.05,
    value: (medians) => ratio(seconds(medians, "all changed", ours), seconds(medians, "all changed", theirs)),
  }));
  const tiers = changes.map((change): Goal => ({
    text: `${change}: slipway, all tiers / the better of registry and gha alone`,
    unit: "×",
    limit: 1.05,
    value: (medians) =>
      ratio(seconds(medians, change, allTiers), best(medians, change, [slipway("registry"), slipway("gha")])),
  }));
  return [...sameExports, ...tiers];
}

const allTiers = slipway("all tiers");

function seconds(medians: Medians, change: Change, way: Way): number | undefined {
  return medians.seconds(change, way.name);
}

/** Of those that were measured. */
function best(medians: Medians, change: Change, ways: readonly Way[]): number | undefined {
  const found = ways.flatMap((way) => seconds(medians, change, way) ?? []);
  return found.length === 0 ? undefined : Math.min(...found);
}

function ratio(value: number | undefined, other: number | undefined): number | undefined {
  return value === undefined || other === undefined ? undefined : value / other;
}

async function openBuilds(
  context: CaseContext,
  makeRepository: (ground: Ground) => Promise<BenchRepository>,
  coldSeconds: number,
): Promise<OpenCase> {
  const ground = await openGround(context);
  try {
    const repository = await makeRepository(ground);
    const planned = planCells(coldSeconds).filter(context.only);
    const states = new Set(planned.flatMap(({ way }) => way.state ?? []));
    for (const way of [...official, ...own].filter(({ name }) => states.has(name))) {
      context.log(`filling caches: ${way.name}`);
      await ground.restore(undefined);
      await releaseOnRunner({ ground, repository, context }, way, repository.before, "1.0.0");
      await ground.save(way.name);
    }
    const measurements = planned.map(({ way, row, column, ...cell }): Measurement => {
      const measure = async (): Promise<Measured> => {
        await ground.restore(way.state);
        return releaseOnRunner({ ground, repository, context }, way, repository.after[row], "1.0.1");
      };
      return { row, column, ...cell, measure };
    });
    return { measurements, env: ground.env, close: () => ground.close() };
  } catch (error) {
    await ground.close();
    throw error;
  }
}

interface Cell {
  readonly way: Way;
  readonly row: Change;
  readonly column: string;
  readonly about: number;
  readonly isInRound?: (run: number) => boolean;
}

/** Without a cache it does not matter what changed: a round measures that once, and begins with everything. */
function planCells(coldSeconds: number): Cell[] {
  const about = { "nothing changed": 7, "one changed": 7 + coldSeconds / 2, "all changed": 7 + coldSeconds };
  return changes.flatMap((row, index) => {
    const isInRound = (run: number): boolean => (run - 1) % changes.length === changes.length - 1 - index;
    const single = row === "one changed" ? aloneWays : [];
    return [
      ...[oneAfterAnother, inParallel].map((way) => ({
        way,
        row,
        column: way.name,
        about: 12 + coldSeconds,
        isInRound,
      })),
      ...[...official, ...single, ...own].map((way) => ({ way, row, column: way.name, about: about[row] })),
    ];
  });
}

/** Where releases are measured. */
export interface Scene {
  readonly ground: Ground;
  readonly repository: BenchRepository;
  readonly context: CaseContext;
}

/** One release on an engine of its own; afterwards every image must be there. */
export async function releaseOnRunner(scene: Scene, way: Way, folder: string, version: string): Promise<Measured> {
  const { ground, repository, context } = scene;
  return ground.withRunner(async (runner) => {
    const before = ground.requests();
    const connected = ground.connections();
    const place = { ground, repository, folder, runner, signal: context.signal };
    const seconds = await way.release(place, version);
    const counts = {
      "requests to the registry": ground.requests() - before,
      ...(connected === undefined ? {} : { "connections to the registry": (ground.connections() ?? 0) - connected }),
      ...ghaCounts(ground),
    };
    await expectReleased(scene, way, version);
    return { seconds, counts };
  });
}

function ghaCounts({ gha }: Ground): Record<string, number> {
  const { requests } = gha.stats();
  return requests === 0 ? {} : { "requests to the cache service": requests };
}

/** A run that pushed less than it should must not count. */
async function expectReleased({ ground, repository }: Scene, way: Way, version: string): Promise<void> {
  const expected = repository.services.filter(({ name }) => !way.name.includes("alone") || name === repository.one);
  for (const { name, image } of expected) {
    const path = image.slice(ground.registry.length + 1);
    const response = await fetch(`http://${ground.registry}/v2/${path}/manifests/${version}`, {
      method: "HEAD",
      headers: { accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" },
    });
    if (!response.ok) throw new Error(`${way.name}: ${name} ${version} is not in the registry (${response.status})`);
  }
}
