import { isInDefinitions, SlipwayError } from "../../errors.ts";
import type { ReadInputs } from "../../inputs/inputs.ts";
import type { PinnedBase } from "../../inputs/request.ts";
import type { ObservedPlatform, ObservedService, ObservedState } from "../../model/observed-state.ts";
import type { Platform } from "../../model/platform.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import type { Service } from "../../model/service.ts";
import { followsBases } from "../../plan/make-step.ts";
import { MayNotLookUp } from "../workspace/guarded-registry.ts";
import { resolveImage } from "./lookups.ts";
import { observePlatform } from "./observe-platform.ts";
import type { KnownImages, Observer } from "./observer.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Observed state, and the build definitions to build it. */
export interface Observation {
  readonly state: ObservedState;
  /** Observed services in dependency order; each with one platform if only that one was asked for. */
  readonly services: readonly Service[];
  /** Inputs of each service's build, by service and platform. */
  readonly reads: ReadonlyMap<string, ReadonlyMap<Platform, ReadInputs>>;
  /** Published images that other services start from. */
  readonly images: KnownImages;
}

/**
 * Reads everything that decides these services: inputs, bases, published images, the last release. A service is observed after the services
 * that it needs, with their published images, even if those are going to be rebuilt. `services`: in dependency order. `known`: images of
 * services that are done. Throws all faults of the configuration in one error.
 */
export async function observe(
  observer: Observer,
  services: readonly Service[],
  known: KnownImages = new Map(),
): Promise<Observation> {
  const { host, repository } = observer.workspace;
  const observedAt = host.now();
  const images = new Map(known);
  const needed = new Set(services.flatMap((service) => service.needs));
  const observing = new Map<string, Promise<ServiceReading>>();
  const observeAfterNeeds = async (service: Service): Promise<ServiceReading> => {
    await Promise.all(service.needs.flatMap((need) => observing.get(need) ?? []));
    const reading = await observeService(observer, service, images, observedAt);
    if (!needed.has(service.name) || known.has(service.name)) return reading;
    images.set(service.name, await resolvePublished(observer.workspace, publishedOf(reading.observed)));
    return reading;
  };
  for (const service of services) observing.set(service.name, observeAfterNeeds(service));
  const readings = await allOrFirstError([...observing.values()]);
  return {
    state: { commit: repository.commit, observedAt, services: readings.map(({ observed }) => observed) },
    services,
    reads: new Map(readings.map(({ observed, reads }) => [observed.service, reads])),
    images,
  };
}

/** One observed service with its build definitions. */
interface ServiceReading {
  readonly observed: ObservedService;
  readonly reads: ReadonlyMap<Platform, ReadInputs>;
}

async function observeService(
  observer: Observer,
  service: Service,
  images: KnownImages,
  observedAt: string,
): Promise<ServiceReading> {
  const read = (bases: Service["bases"]): Promise<ServiceReading> => readService(observer, service, images, bases);
  try {
    const first = await read(service.bases);
    if (service.bases === "follow" || !followsBases(first.observed, observedAt)) return first;
    const followed = await read("follow");
    return { ...followed, observed: { ...followed.observed, held: first.observed.platforms } };
  } catch (error) {
    if (!(error instanceof MayNotLookUp)) throw error;
    const withheld = `${error.message}; ${error.hint ?? ""}`;
    return { observed: { ...emptyService(observer, service), withheld }, reads: new Map() };
  }
}

async function readService(
  observer: Observer,
  service: Service,
  images: KnownImages,
  bases: Service["bases"],
): Promise<ServiceReading> {
  const read = await Promise.all(
    service.platforms.map(async (platform) => observePlatform(observer, service, { platform, images, bases })),
  );
  const platforms: ObservedPlatform[] = read.map(({ observed }) => observed);
  const uncounted = read[0]?.read.inputs.uncounted ?? [];
  return {
    observed: { ...emptyService(observer, service), platforms, uncounted },
    reads: new Map(read.map(({ observed: { platform }, read: inputs }) => [platform, inputs])),
  };
}

function emptyService({ force, plannedReasons }: Observer, service: Service): ObservedService {
  return {
    service: service.name,
    needs: service.needs,
    forced: force === true || force.includes(service.name),
    plannedReason: plannedReasons.get(service.name) ?? null,
    refreshSeconds: service.refreshSeconds ?? null,
    withheld: null,
    platforms: [],
    held: null,
    uncounted: [],
  };
}

function publishedOf({ platforms }: ObservedService): PublishedImage[] {
  return platforms.flatMap(({ found }) => (found.kind === "published" ? [found] : []));
}

/** Resolves published images, one per platform, to bases that other services can start from. */
export async function resolvePublished(
  { registry }: Workspace,
  images: readonly PublishedImage[],
): Promise<Map<Platform, PinnedBase>> {
  const resolved = await Promise.all(
    images.map(async ({ name, platform, digest }) => {
      return [platform, await resolveImage(registry, `${name}@${digest}`, platform)] as const;
    }),
  );
  return new Map(resolved);
}

/**
 * Waits for all promises, so that none runs on after the error. Then throws the first error; several configuration faults are joined into
 * one error.
 */
async function allOrFirstError<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const errors = settled.flatMap((each): unknown[] => (each.status === "rejected" ? [each.reason] : []));
  const faults = [...new Set(errors)].filter(isInDefinitions);
  if (faults.length > 1) {
    const messages = [...new Set(faults.map(({ message }) => message))].flatMap((message) => message.split("\n"));
    throw new SlipwayError("configuration", messages, {
      hint: faults.find(({ hint }) => hint !== undefined)?.hint,
      diagnostics: faults.flatMap(({ diagnostics }) => diagnostics),
      cause: faults[0],
    });
  }
  if (errors.length > 0) throw errors[0];
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}
