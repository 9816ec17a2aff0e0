import type { LookedUpImage } from "../inputs/inputs.ts";
import { SlipwayError } from "../errors.ts";
import { diffInputs } from "../inputs/diff.ts";
import { readInputs, type ReadInputs } from "../inputs/inputs.ts";
import type { Fingerprint, InputChange, Inputs } from "../model/inputs.ts";
import type { Step } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { makeStep, type PlatformFacts } from "../plan/make-step.ts";
import { readClientProxies } from "../registry/docker-config.ts";
import type { FoundImage, PublishedImage } from "../model/published-image.ts";
import { checkWhole, findPublished, readPublishedInputs, type Shelf } from "../release/published.ts";
import { releasedShelf } from "./destination.ts";
import { heldBases, type HeldBases, makeLookups, resolveImage } from "./lookups.ts";
import type { PinBook } from "./pins.ts";
import type { PreviousRelease } from "./previous.ts";
import type { Workspace } from "./workspace.ts";

/** A decided service: its step, and for each platform what was read and what was found. */
export interface Decision {
  readonly service: Service;
  readonly step: Step;
  readonly platforms: readonly PlatformDecision[];
}

/** One platform of a decided service. */
export interface PlatformDecision {
  readonly platform: Platform;
  readonly read: ReadInputs;
  /** The published image, where it is reused. */
  readonly published: PublishedImage | undefined;
}

/** What decisions depend on, beside the repository and the registry. */
export interface DecideOptions {
  readonly forced: ReadonlySet<string>;
  readonly previous: PreviousRelease;
  readonly pins: PinBook;
  /** Where a service's published image is looked for, in order. Default: under its first name. */
  readonly shelvesOf?: ((service: Service) => readonly Shelf[]) | undefined;
  /** The platform that a build for `platform` runs on. Default: this machine's. */
  readonly buildPlatformOf?: ((platform: Platform) => Platform | undefined) | undefined;
}

/**
 * Decides services one by one. What is done is told with `finish`, so that a service that needs it can be decided by its
 * digest. One decider serves one command: it remembers base images and parsed files.
 */
export interface Decider {
  decide(service: Service): Promise<Decision>;
  finish(service: Service, images: ReadonlyMap<Platform, LookedUpImage>): void;
}

/** A decider for one command. */
export function makeDecider(workspace: Workspace, options: DecideOptions): Decider {
  const { host, registry, tree, project, emit } = workspace;
  const {
    pins,
    shelvesOf = (service: Service) => [releasedShelf(service)],
    buildPlatformOf = () => undefined,
  } = options;
  const done = new Map<string, ReadonlyMap<Platform, LookedUpImage>>();
  let proxies: Promise<Readonly<Record<string, string>>> | undefined;

  /** The image of a service that `service` needs; undefined: not done yet. */
  const doneImage = (service: Service, name: string, platform: Platform): LookedUpImage | undefined => {
    const needed = project.services.find((each) => each.name === name);
    if (needed !== undefined && !needed.platforms.includes(platform)) throw notBuiltFor(service, needed, platform);
    return done.get(name)?.get(platform);
  };

  const publishedInputs = async (service: Service, platform: Platform): Promise<Inputs | undefined> => {
    const released = await options.previous.platform(service.name, platform);
    if (released === undefined) return undefined;
    return readPublishedInputs(registry, service.images[0], released.fingerprint);
  };

  /** An image that lost a part cannot be reused: one GET, then a HEAD for each part at once. */
  const findWhole = async (service: Service, platform: Platform, fingerprint: Fingerprint): Promise<FoundImage> => {
    let found: FoundImage = { kind: "missing" };
    for (const { name, prefix } of shelvesOf(service)) {
      const there = await findPublished(registry, name, platform, fingerprint, prefix);
      found = await checkWhole(registry, name, there);
      if (found.kind === "missing" && found.warning !== undefined) {
        emit({ kind: "warning", message: found.warning, service: service.name });
      }
      if (found.kind === "published") return found;
    }
    return found;
  };

  const changesOf = async (service: Service, platform: Platform, now: Inputs): Promise<InputChange[] | undefined> => {
    const before = await publishedInputs(service, platform);
    return before === undefined ? undefined : [...diffInputs(before, now)];
  };

  const decidePlatform = async (
    service: Service,
    platform: Platform,
    holds: boolean,
  ): Promise<PlatformDecision & { facts: PlatformFacts }> => {
    const before = holds ? await publishedInputs(service, platform) : undefined;
    const held: HeldBases = heldBases(before?.bases ?? []);
    const lookups = makeLookups(pins, (name, on) => doneImage(service, name, on), held);
    const buildPlatform = buildPlatformOf(platform);
    const on = buildPlatform === undefined ? {} : { buildPlatform };
    proxies ??= readClientProxies(host);
    const read = await readInputs({ service, platform, tree, lookups, clientArgs: await proxies, ...on });
    const { waitsFor } = read;
    const { fingerprint, volatile } = read.inputs;
    const found: FoundImage =
      fingerprint === null ? { kind: "missing" } : await findWhole(service, platform, fingerprint);
    const isMissing = found.kind === "missing" && fingerprint !== null;
    const changes = isMissing ? await changesOf(service, platform, read.inputs) : undefined;
    const published = found.kind === "published" ? found : undefined;
    return { platform, read, published, facts: { platform, fingerprint, waitsFor, volatile, found, changes } };
  };

  const decideWith = async (service: Service, holds: boolean): Promise<Decision> => {
    const platforms = await Promise.all(service.platforms.map((platform) => decidePlatform(service, platform, holds)));
    const facts = {
      service: service.name,
      forced: options.forced.has(service.name),
      refreshSeconds: service.refreshSeconds,
      platforms: platforms.map((each) => each.facts),
      uncounted: platforms[0]?.read.inputs.uncounted ?? [],
    };
    const step = makeStep(facts, host.now());
    const reused = new Set(step.platforms.flatMap(({ platform, image }) => (image === null ? [] : [platform])));
    return {
      service,
      step,
      platforms: platforms.map(({ platform, read, published }) => ({
        platform,
        read,
        published: reused.has(platform) ? published : undefined,
      })),
    };
  };

  return {
    decide: async (service) => {
      if (service.bases === "follow") return decideWith(service, false);
      const held = await decideWith(service, true);
      // A build for a new version of the algorithm alone makes the same image again, from the same bases.
      const isFollowed = held.step.kind === "build" && held.step.reason.kind !== "counted-anew";
      return isFollowed ? followBases(held, await decideWith(service, false)) : held;
    },
    finish: (service, images) => void done.set(service.name, images),
  };
}

/** A service that holds its bases and is to be built all the same is built from the bases as they are now. */
function followBases(held: Decision, followed: Decision): Decision {
  const { step } = followed;
  return step.reason.kind === "base-moved" ? { ...followed, step: { ...step, reason: held.step.reason } } : followed;
}

function notBuiltFor({ name, dockerfile }: Service, needed: Service, platform: Platform): SlipwayError {
  const message = `"${needed.name}", which it builds from, is not built for ${platform}`;
  return new SlipwayError("configuration", `service "${name}" (${dockerfile}): ${message}`, {
    hint: `add ${platform} to the platforms of ${needed.name} (now ${needed.platforms.join(", ")}), or take it from ${name}`,
  });
}

/** The images of a service that is reused, resolved so that services that need it can be decided. */
export function resolveReused(workspace: Workspace, decision: Decision): Promise<Map<Platform, LookedUpImage>> {
  return resolvePublished(
    workspace,
    decision.platforms.flatMap(({ published }) => published ?? []),
  );
}

/** Published images, one a platform, as services that need them are decided by them. */
export async function resolvePublished(
  { registry }: Workspace,
  images: readonly PublishedImage[],
): Promise<Map<Platform, LookedUpImage>> {
  const resolved = await Promise.all(
    images.map(async ({ name, image: { platform, digest } }) => {
      return [platform, await resolveImage(registry, `${name}@${digest}`, platform)] as const;
    }),
  );
  return new Map(resolved);
}
