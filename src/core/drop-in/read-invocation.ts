import { readInputs } from "../../inputs/inputs.ts";
import type { ContextFiles, Lookups } from "../../inputs/request.ts";
import { countedSettings } from "../../invocation/counted-settings.ts";
import { invocationService } from "../../invocation/invocation-service.ts";
import type { WantedPlaces } from "../../invocation/wanted-places.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { InvocationInputs } from "../../model/build-record.ts";
import { type Digest, digestOfPin } from "../../model/digest.ts";
import type { Platform } from "../../model/platform.ts";
import type { Builder } from "../../buildkit/builder.ts";
import { isLayoutContext, readLayoutContext } from "./layout-context.ts";
import { makeLocalLookup } from "./local-bases.ts";
import { readClientProxies } from "../../registry/docker-config.ts";
import { makeBaseLookup, makeLookups } from "../planning/lookups.ts";
import { resolveGitContext } from "../workspace/git-context.ts";
import type { InvocationFiles } from "./read-places.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** Everything that an invocation's inputs are read from. */
export interface InvocationReading {
  readonly invocation: BuildInvocation;
  readonly wanted: WantedPlaces;
  readonly platforms: readonly [Platform, ...Platform[]];
  readonly builder: Builder;
  readonly files: InvocationFiles;
}

/** The inputs of an invocation, and the images that were looked up for them. */
export interface ReadInvocation {
  readonly inputs: InvocationInputs;
  readonly images: readonly UsedBase[];
  /** Files that are read from each context, one platform after another. */
  readonly contexts: readonly ContextFiles[];
}

/** An image that a build uses, with the digests of its index and of its platform's manifest. */
export interface UsedBase {
  readonly reference: string;
  readonly digests: readonly Digest[];
}

/** Digests of bases that each platform goes on with. */
export type HeldByPlatform = ReadonlyMap<Platform, ReadonlyMap<string, Digest>>;

/** Reads everything that decides the image of an invocation. `held`: digests of bases to keep, by reference. */
export async function readInvocation(
  { host, registry }: DropInContext,
  { options, links = {} }: DropInRequest,
  { invocation, wanted, platforms, builder, files }: InvocationReading,
  held: HeldByPlatform = new Map(),
): Promise<ReadInvocation> {
  const { tree, places } = files;
  const service = invocationService(invocation, {
    places,
    names: wanted.names,
    platforms,
    stamp: options.stamp,
    links,
  });
  const remote = makeBaseLookup(registry.mirrored);
  const isLocal = builder.driver === "docker" && !invocation.pull;
  const lookUp = isLocal ? makeLocalLookup(host, builder, remote) : remote;
  const [buildPlatform] = builder.platforms;
  const images = new Map<string, UsedBase>();
  const base: Lookups["base"] = async (reference, platform) => {
    // A layout is read again after the build, like the other files.
    if (isLayoutContext(reference)) return readLayoutContext(host.cwd, reference, platform);
    const image = await lookUp(reference, platform);
    images.set(`${reference} ${platform}`, {
      reference,
      digests: [image.digest, digestOfPin(image.pin) ?? image.digest],
    });
    return image;
  };
  const found = { base, gitCommit: (url: string) => resolveGitContext(host, url) };
  const lookupsOf = (platform: Platform): Lookups =>
    makeLookups(found, () => undefined, held.get(platform) ?? new Map());
  const clientArgs = await readClientProxies(host);
  const on = buildPlatform === undefined ? {} : { buildPlatform };
  const reads = await Promise.all(
    platforms.map((platform) =>
      readInputs({ service, platform, tree, lookups: lookupsOf(platform), clientArgs, ...on }),
    ),
  );
  const inputs = { platforms: reads.map((read) => read.inputs), settings: countedSettings(invocation, host.env) };
  return { inputs, images: [...images.values()], contexts: reads.flatMap((read) => read.contexts) };
}
