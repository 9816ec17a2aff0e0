import type { Ground } from "./ground.ts";
import type { BenchRepository, BenchService } from "./repositories.ts";
import { timed } from "./program.ts";

/** One way to release a repository's images. */
export interface Way {
  readonly name: string;
  /** What fills the caches before: a way's name; undefined: nothing, it uses none. */
  readonly state: string | undefined;
  /** Builds (or not) and pushes everything under a version and `latest`. Wall time in seconds. */
  release(place: Place, version: string): Promise<number>;
}

export interface Place {
  readonly ground: Ground;
  readonly repository: BenchRepository;
  /** The repository's folder in the state to release. */
  readonly folder: string;
  readonly runner: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What a strategy adds to `docker buildx build`. */
type CacheArguments = (service: BenchService) => readonly string[];

const noCache: CacheArguments = () => [];

/** As Docker's own documentation sets it up: a cache manifest beside the image. */
const registryCache: CacheArguments = ({ image }) => [
  `--cache-from=type=registry,ref=${image}:buildcache`,
  `--cache-to=type=registry,ref=${image}:buildcache,mode=max`,
];

const inlineCache: CacheArguments = ({ image }) => [
  `--cache-from=type=registry,ref=${image}:latest`,
  "--cache-to=type=inline",
];

/** As docker/build-push-action sets it up: a scope a service. buildx takes address and token from the job's variables. */
const ghaCache: CacheArguments = ({ name }) => [
  `--cache-from=type=gha,scope=${name}`,
  `--cache-to=type=gha,scope=${name},mode=max`,
];

const caches = { registry: registryCache, inline: inlineCache, gha: ghaCache } as const;
type CacheName = keyof typeof caches;

/** Plain buildx without a cache: one service after another, in the order that needs allow. */
export const oneAfterAnother: Way = {
  name: "buildx, one after another",
  state: undefined,
  release: (place, version) =>
    clock(async () => {
      for (const service of place.repository.services) await buildOne(place, service, version, noCache);
    }),
};

/** All at once; what needs another waits for it. */
export const inParallel: Way = {
  name: "buildx, all at once",
  state: undefined,
  release: (place, version) => clock(() => buildAll(place, version, noCache)),
};

/** All at once, with one of the official caches. */
export function cached(cache: CacheName): Way {
  const name = `buildx, all at once, ${cache} cache`;
  return { name, state: name, release: (place, version) => clock(() => buildAll(place, version, caches[cache])) };
}

/** Only the service that changed, with one of the official caches. */
export function alone(cache: CacheName): Way {
  return {
    name: `buildx, the changed one alone, ${cache} cache`,
    state: cached(cache).name,
    release: (place, version) => {
      const service = place.repository.services.find(({ name }) => name === place.repository.one);
      if (service === undefined) throw new Error(`there is no service ${place.repository.one}`);
      return clock(() => buildOne(place, service, version, caches[cache]));
    },
  };
}

/** The built package as a push to the trunk runs it. `tiers`: which caches are there. */
export function slipway(tiers: "registry" | "gha" | "all tiers"): Way {
  const name = `slipway, ${tiers}`;
  return {
    name,
    state: name,
    release: async ({ ground, folder, runner, signal }, version) => {
      const job = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "push", GITHUB_REF_TYPE: "branch" };
      const gha = tiers === "registry" ? {} : ground.gha.env;
      const args = [ground.program.main, "release", version, ...(tiers === "gha" ? ["--cache", "gha"] : [])];
      const env = { ...runner, ...job, ...gha };
      return (await timed(process.execPath, args, { cwd: folder, env, signal })).seconds;
    },
  };
}

async function buildAll(place: Place, version: string, cache: CacheArguments): Promise<void> {
  const running = new Map<string, Promise<void>>();
  for (const service of place.repository.services) {
    const needs = service.needs.flatMap((need) => running.get(need) ?? []);
    const build = async (): Promise<void> => {
      await Promise.all(needs);
      await buildOne(place, service, version, cache);
    };
    running.set(service.name, build());
  }
  const ended = await Promise.allSettled(running.values());
  const failed = ended.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Pushes from the build cache without storing or unpacking the image first: the fastest form plain buildx has. */
async function buildOne(place: Place, service: BenchService, version: string, cache: CacheArguments): Promise<void> {
  const { ground, folder, runner, signal } = place;
  const names = `${service.image}:${version},${service.image}:latest`;
  const output = `--output=type=image,"name=${names}",push=true,store=false,unpack=false`;
  const args = ["buildx", "build", "--progress=plain", output, ...cache(service), ...service.buildArguments];
  const env = cache === ghaCache ? { ...runner, ...ground.gha.env } : runner;
  await timed("docker", args, { cwd: folder, env, signal });
}

async function clock(task: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await task();
  return (performance.now() - started) / 1000;
}
