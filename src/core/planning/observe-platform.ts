import { SlipwayError } from "../../errors.ts";
import { diffInputs } from "../../inputs/diff.ts";
import { readInputs, type ReadInputs } from "../../inputs/inputs.ts";
import type { PinnedBase } from "../../inputs/request.ts";
import { isDigest } from "../../model/digest.ts";
import type { Fingerprint, InputChange, Inputs } from "../../model/inputs.ts";
import type { ObservedPlatform } from "../../model/observed-state.ts";
import type { Platform } from "../../model/platform.ts";
import type { FoundImage } from "../../model/published-image.ts";
import type { Service } from "../../model/service.ts";
import { checkWhole, findManifests, findPublished } from "../../images/published.ts";
import { readPublishedInputs } from "../../images/published-inputs.ts";
import { heldBases, makeLookups } from "./lookups.ts";
import { demandsOnImage } from "./demands.ts";
import type { KnownImages, Observer } from "./observer.ts";

/** The platform of a service to observe, with the images and bases to use. */
export interface PlatformRequest {
  readonly platform: Platform;
  /** Images of the services that it may start from. */
  readonly images: KnownImages;
  /** Whether to follow the current bases, or to hold those of the released image. */
  readonly bases: Service["bases"];
}

/** Reads one platform's inputs and looks for its published image. */
export async function observePlatform(
  observer: Observer,
  service: Service,
  request: PlatformRequest,
): Promise<{ readonly observed: ObservedPlatform; readonly read: ReadInputs }> {
  const { platform, bases } = request;
  const before = bases === "hold" ? await readReleasedInputs(observer, service, platform) : undefined;
  const { pins, workspace, buildPlatformOf } = observer;
  const imageOf = (name: string, on: Platform) => findKnownImage(observer, service, request.images, { name, on });
  const lookups = makeLookups(pins, imageOf, heldBases(before?.bases ?? []));
  const buildPlatform = buildPlatformOf(platform);
  const on = buildPlatform === undefined ? {} : { buildPlatform };
  const clientArgs = await observer.clientProxies();
  const read = await readInputs({ service, platform, tree: workspace.tree, lookups, clientArgs, ...on });
  const { fingerprint, volatile } = read.inputs;
  if (fingerprint !== null) observer.onFingerprint?.({ service: service.name, platform, fingerprint });
  const found: FoundImage =
    fingerprint === null ? { kind: "missing" } : await findWhole(observer, service, platform, fingerprint);
  const isMissing = found.kind === "missing" && fingerprint !== null;
  const changes = isMissing ? await readChanges(observer, service, platform, read.inputs) : null;
  const startsFrom = read.inputs.contexts.flatMap(({ kind, of, digest }) =>
    kind === "service" ? [{ service: of, digest: digest !== null && isDigest(digest) ? digest : null }] : [],
  );
  return { observed: { platform, fingerprint, startsFrom, volatile, found, changes }, read };
}

/**
 * The image of a service that `service` starts from; undefined: not published yet. Throws `configuration` if that service is not built for
 * the platform.
 */
function findKnownImage(
  { workspace: { project } }: Observer,
  service: Service,
  images: KnownImages,
  { name, on }: { readonly name: string; readonly on: Platform },
): PinnedBase | undefined {
  const needed = project.services.find((each) => each.name === name);
  if (needed !== undefined && !needed.platforms.includes(on)) throw notBuiltFor(service, needed, on);
  return images.get(name)?.get(on);
}

function notBuiltFor({ name, dockerfile }: Service, needed: Service, platform: Platform): SlipwayError {
  const message = `"${needed.name}", which it builds from, is not built for ${platform}`;
  return new SlipwayError("base-platform-missing", `service "${name}" (${dockerfile}): ${message}`, {
    hint: `add ${platform} to the platforms of ${needed.name} (now ${needed.platforms.join(", ")}), or take it from ${name}`,
  });
}

/**
 * Looks for the published image and checks that all its manifests exist, since an incomplete image cannot be reused. One GET, then one HEAD
 * for each manifest, in parallel. Manifests of the last release with this fingerprint are looked up beside the GET, which decides.
 */
async function findWhole(
  observer: Observer,
  service: Service,
  platform: Platform,
  fingerprint: Fingerprint,
): Promise<FoundImage> {
  const { storesOf, expectations } = observer;
  const { registry, emit } = observer.workspace;
  let found: FoundImage = { kind: "missing" };
  for (const store of storesOf(service)) {
    const wanted = { service: service.name, name: store.name, platform, fingerprint };
    const expected = (await expectations?.manifests(wanted)) ?? [];
    const [there, seen] = await Promise.all([
      findPublished(registry, store, platform, fingerprint),
      findManifests(registry, store.name, expected),
    ]);
    found = await checkWhole(registry, store.name, there, { demands: demandsOnImage(service, store), seen });
    if (found.kind === "missing" && found.warning !== undefined) {
      emit({ kind: "warning", message: found.warning, service: service.name });
    }
    if (found.kind !== "published") continue;
    // A preview is for one pull request alone.
    if (observer.prover === undefined || store.prefix !== "") return found;
    found = await observer.prover.prove(found);
    if (found.kind === "published") return found;
  }
  return found;
}

/** The inputs of the image that was released last. */
async function readReleasedInputs(
  { workspace, history }: Observer,
  service: Service,
  platform: Platform,
): Promise<Inputs | undefined> {
  const released = await history.platform(service.name, platform);
  if (released === undefined) return undefined;
  return readPublishedInputs(workspace.registry, service.images[0], released.fingerprint);
}

async function readChanges(
  observer: Observer,
  service: Service,
  platform: Platform,
  now: Inputs,
): Promise<readonly InputChange[] | null> {
  const before = await readReleasedInputs(observer, service, platform);
  return before === undefined ? null : [...diffInputs(before, now)];
}
