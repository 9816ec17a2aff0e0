import type { Fingerprint, Inputs } from "../model/inputs.ts";
import { diffInputs } from "../inputs/diff.ts";
import { readInputs, type ReadInputs } from "../inputs/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { ImageName } from "../model/reference.ts";
import type { Step } from "../model/plan.ts";
import type { Service } from "../model/service.ts";
import { type Found, makeStep, type PlatformFacts } from "../plan/make-step.ts";
import {
  checkWhole,
  findPublished,
  type FoundImage,
  type PublishedChildren,
  readPublishedInputs,
} from "../release/published.ts";
import { heldBases, type HeldBases, makeBaseLookup, makeLookups, type ResolvedImage, resolveImage } from "./lookups.ts";
import type { Workspace } from "./workspace.ts";
import type { PreviousRelease } from "./previous.ts";

/** A decided service: its step, and for each platform what was read and what was found. */
export interface Decision {
  readonly service: Service;
  readonly step: Step;
  readonly platforms: readonly PlatformDecision[];
}

export interface PlatformDecision {
  readonly platform: Platform;
  readonly read: ReadInputs;
  readonly published: PublishedChildren | undefined;
}

export interface DecideOptions {
  readonly forced: ReadonlySet<string>;
  /** Decide that all is to be built without asking the registry for published images. */
  readonly previous: PreviousRelease;
}

/**
 * Decides services one by one. What is done is told with `finish`, so that a service that needs it can be decided by its
 * digest. One decider serves one command: it remembers base images and parsed files.
 */
export interface Decider {
  decide(service: Service): Promise<Decision>;
  finish(service: Service, images: ReadonlyMap<Platform, ResolvedImage>): void;
}

export function makeDecider(workspace: Workspace, options: DecideOptions): Decider {
  const { host, registry, tree } = workspace;
  const base = makeBaseLookup(registry);
  const done = new Map<string, ReadonlyMap<Platform, ResolvedImage>>();

  const decidePlatform = async (
    service: Service,
    platform: Platform,
  ): Promise<PlatformDecision & { facts: PlatformFacts }> => {
    const [image] = service.images;
    const before = service.bases === "hold" ? await publishedInputs(service, platform) : undefined;
    const held: HeldBases = before === undefined ? new Map() : heldBases(before.bases);
    const lookups = makeLookups(host, base, (name, on) => done.get(name)?.get(on), held);
    const read = await readInputs({ service, platform, tree, lookups });
    const { fingerprint, volatile } = read.inputs;
    const found = fingerprint === null ? undefined : await findWhole(image, platform, fingerprint);
    const published = found?.kind === "published" ? found : undefined;
    const asFound: Found = found ?? { kind: "missing" };
    const changes =
      asFound.kind === "missing" && fingerprint !== null
        ? diff(before ?? (await publishedInputs(service, platform)), read.inputs)
        : undefined;
    return {
      platform,
      read,
      published,
      facts: { platform, fingerprint, waitsFor: read.waitsFor, volatile, found: asFound, changes },
    };
  };

  /** An image that lost a part cannot be reused: one GET, then a HEAD for each part at once. */
  const findWhole = async (name: ImageName, platform: Platform, fingerprint: Fingerprint): Promise<FoundImage> =>
    checkWhole(registry, name, await findPublished(registry, name, platform, fingerprint));

  const publishedInputs = async (service: Service, platform: Platform): Promise<Inputs | undefined> => {
    const released = await options.previous.platform(service.name, platform);
    if (released === undefined) return undefined;
    return readPublishedInputs(registry, service.images[0], released.fingerprint);
  };

  return {
    decide: async (service) => {
      const platforms = await Promise.all(service.platforms.map((platform) => decidePlatform(service, platform)));
      const step = makeStep(
        {
          service: service.name,
          image: service.images[0],
          forced: options.forced.has(service.name),
          refreshSeconds: service.refreshSeconds,
          platforms: platforms.map(({ facts }) => facts),
        },
        host.now(),
      );
      return {
        service,
        step,
        platforms: platforms.map(({ platform, read, published }) => ({ platform, read, published })),
      };
    },
    finish: (service, images) => void done.set(service.name, images),
  };
}

function diff(before: Inputs | undefined, after: Inputs): ReturnType<typeof diffInputs> | undefined {
  return before === undefined ? undefined : diffInputs(before, after);
}

/** The images of a service that is reused, resolved so that services that need it can be decided. */
export async function resolveReused(workspace: Workspace, decision: Decision): Promise<Map<Platform, ResolvedImage>> {
  const [image] = decision.service.images;
  const resolved = await Promise.all(
    decision.platforms.map(async ({ platform, published }) => {
      if (published === undefined) return [];
      return [
        [platform, await resolveImage(workspace.registry, `${image}@${published.image.digest}`, platform)] as const,
      ];
    }),
  );
  return new Map(resolved.flat());
}
