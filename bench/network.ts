import { releaseOnRunner } from "./builds.ts";
import type { Case, CaseContext, Goal, Measurement, Medians, OpenCase } from "./case.ts";
import type { Distance } from "./far-registry.ts";
import { type Ground, openGround } from "./ground.ts";
import { type BenchRepository, makeManyRepository, makeShopRepository } from "./repositories.ts";
import { cached, slipway, type Way } from "./ways.ts";

const distance: Distance = { requestMs: 50, connectionMs: 100 };
const official = [cached("registry"), cached("inline"), cached("gha")];
const own = [slipway("registry"), slipway("all tiers")];

const rows = [
  {
    name: "4 services",
    least: 4,
    makeRepository: (ground: Ground) => makeShopRepository(ground.folder, ground.registry),
  },
  {
    name: "25 services",
    least: 12,
    makeRepository: (ground: Ground) => makeManyRepository(ground.folder, ground.registry, 25),
  },
] as const;

/** A release in which nothing changed, where registry and cache service are as far away as they usually are. */
export const networkCase: Case = {
  name: "network",
  title: "Nothing changed, through a network",
  about: "4 and 25 unchanged services; 50 ms a request, 100 ms a connection: the official caches, Slipway",
  method: [
    `A proxy on this machine adds ${distance.requestMs} ms to each request to the registry, and ${distance.connectionMs} ms to each new connection. The cache service adds ${distance.requestMs} ms to each request and nothing to connections, which favours the gha cache. Base images come from a registry that is not behind the proxy, for all ways alike. Bandwidth is not limited.`,
    "Every run begins with an empty engine (its start is not timed), as a CI runner does; what registry and cache service hold is put back from a copy made after everything was released once in the same way. Plain buildx builds all services at once, in its fastest form for a push (`store=false,unpack=false`), with the caches as their documentation sets them up. Slipway is the built package with its defaults for a push to the trunk.",
  ],
  goals: rows.map(({ name, least }): Goal => ({
    text: `${name}: the best official cache / slipway, the better of its tiers`,
    unit: "×",
    limit: least,
    atLeast: true,
    value: (medians) => {
      const [theirs, ours] = [best(medians, name, official), best(medians, name, own)];
      return theirs === undefined || ours === undefined ? undefined : theirs / ours;
    },
  })),
  opening: 900,
  open: openNetwork,
};

async function openNetwork(context: CaseContext): Promise<OpenCase> {
  const ground = await openGround(context, distance);
  try {
    const measurements: Measurement[] = [];
    for (const { name: row, makeRepository } of rows) {
      const ways = [...official, ...own].filter((way) => context.only({ row, column: way.name }));
      if (ways.length === 0) continue;
      const scene = { ground, repository: await makeRepository(ground), context };
      for (const way of ways) measurements.push(await fill(scene, row, way));
    }
    return { measurements, env: ground.env, close: () => ground.close() };
  } catch (error) {
    await ground.close();
    throw error;
  }
}

/** Releases once, so that caches and registry have everything, and measures the next release from there. */
async function fill(
  scene: { readonly ground: Ground; readonly repository: BenchRepository; readonly context: CaseContext },
  row: string,
  way: Way,
): Promise<Measurement> {
  const { ground, repository, context } = scene;
  const state = `${row} ${way.name}`;
  context.log(`filling caches: ${row}, ${way.name}`);
  await ground.restore(undefined);
  await releaseOnRunner(scene, way, repository.before, "1.0.0");
  await ground.save(state);
  return {
    row,
    column: way.name,
    about: 25,
    measure: async () => {
      await ground.restore(state);
      return releaseOnRunner(scene, way, repository.after["nothing changed"], "1.0.1");
    },
  };
}

function best(medians: Medians, row: string, ways: readonly Way[]): number | undefined {
  const found = ways.flatMap(({ name }) => medians.seconds(row, name) ?? []);
  return found.length === 0 ? undefined : Math.min(...found);
}
