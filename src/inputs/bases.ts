import { type BaseConfig, type BaseUse, baseKey, type ResolvedBuild } from "../dockerfile/dockerfile.ts";
import { SlipwayError } from "../errors.ts";
import { withoutCredentials } from "../formats/address.ts";
import type { InputBase, InputContext } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";
import type { NamedContext } from "../model/service.ts";
import type { InputsRequest, LookedUpImage } from "./inputs.ts";

/** Bases and named contexts (folders aside) with what was looked up of them. */
export interface ResolvedBases {
  readonly inputs: readonly InputBase[];
  readonly contexts: readonly InputContext[];
  /** For `readBuild`: by `baseKey`, or by the context's name. */
  readonly configs: ReadonlyMap<string, BaseConfig>;
  readonly pins: Readonly<Record<string, string>>;
  readonly waitsFor: readonly string[];
}

const unknownConfig: BaseConfig = { env: {}, onBuild: [] };

/** Looks up the images that a build uses, all at once. */
export async function readBases(
  request: InputsRequest,
  resolved: ResolvedBuild,
  uses: readonly BaseUse[],
  names: readonly string[],
): Promise<ResolvedBases> {
  const distinct = [...new Map(uses.map((use) => [baseKey(use), use])).values()];
  const [bases, contexts] = await Promise.all([
    Promise.all(distinct.map((use) => readBase(request, use))),
    Promise.all([...new Set(names)].sort(byCodeUnit).flatMap((name) => readContext(request, resolved, name))),
  ]);
  const found = contexts.flat();
  return {
    inputs: bases.map(({ input }) => input).sort(byKey(({ reference }) => reference)),
    contexts: found.flatMap(({ input }) => (input === undefined ? [] : [input])),
    configs: new Map([...bases, ...found].map(({ key, config }) => [key, config])),
    pins: Object.fromEntries([...bases, ...found].flatMap(({ pin }) => (pin === undefined ? [] : [pin]))),
    waitsFor: [...new Set(found.flatMap(({ waitsFor }) => waitsFor ?? []))].sort(byCodeUnit),
  };
}

interface Read {
  readonly key: string;
  readonly config: BaseConfig;
  readonly pin: readonly [name: string, value: string] | undefined;
}

async function readBase(request: InputsRequest, use: BaseUse): Promise<Read & { readonly input: InputBase }> {
  const key = baseKey(use);
  const reference = nameOn(use.reference, use.platform, request.platform);
  if (request.lookups === "offline") {
    return { key, config: unknownConfig, pin: undefined, input: { reference, digest: null } };
  }
  const { digest, pin, config } = await request.lookups.base(use.reference, use.platform);
  return { key, config, pin: [use.reference, contextOf(pin)], input: { reference, digest } };
}

/** A value of `--build-context`. */
function contextOf(pin: string): string {
  return pin.includes("://") ? pin : `docker-image://${pin}`;
}

/** An image that is used for another platform than the service's is an input of its own. */
function nameOn(name: string, platform: Platform, own: Platform): string {
  return platform === own ? name : `${name} (${platform})`;
}

type ContextRead = Read & { readonly input?: InputContext; readonly waitsFor?: string };

/** One promise a platform that the context is used for. */
function readContext(request: InputsRequest, resolved: ResolvedBuild, name: string): Promise<ContextRead[]>[] {
  const context = request.service.contexts[name];
  if (context === undefined) {
    const message = `service "${request.service.name}" has no context "${name}"`;
    throw new SlipwayError("configuration", message, { hint: `add it under contexts, or build it as a stage` });
  }
  return platformsOf(request, resolved, name).map(async (platform) => [
    await readContextOn(request, name, context, platform),
  ]);
}

async function readContextOn(
  request: InputsRequest,
  name: string,
  context: NamedContext,
  platform: Platform,
): Promise<ContextRead> {
  const { lookups } = request;
  const label = nameOn(name, platform, request.platform);
  // The files of a folder are read with those of the build context.
  if (context.kind === "folder") return { key: name, config: unknownConfig, pin: undefined };
  if (context.kind === "git") {
    const digest = lookups === "offline" ? null : await lookups.gitCommit(context.url);
    const pin = digest === null ? undefined : ([name, pinnedUrl(context.url, digest)] as const);
    const of = withoutCredentials(context.url);
    return { key: name, config: unknownConfig, pin, input: { name, kind: "git", of, digest } };
  }
  if (context.kind === "image") {
    const image = lookups === "offline" ? undefined : await lookups.base(context.reference, platform);
    return imageContext(name, label, "image", context.reference, image);
  }
  const image = lookups === "offline" ? undefined : lookups.service(context.service, platform);
  const read = imageContext(name, label, "service", context.service, image);
  return image === undefined ? { ...read, waitsFor: context.service } : read;
}

function imageContext(
  name: string,
  label: string,
  kind: "service" | "image",
  of: string,
  image: LookedUpImage | undefined,
): ContextRead {
  return {
    key: name,
    config: image?.config ?? unknownConfig,
    pin: image === undefined ? undefined : [name, contextOf(image.pin)],
    input: { name: label, kind, of, digest: image?.digest ?? null },
  };
}

/** The platforms a context is used for; the service's own where only an `ONBUILD` trigger uses it. */
function platformsOf(request: InputsRequest, resolved: ResolvedBuild, name: string): Platform[] {
  const kind = request.service.contexts[name]?.kind;
  if (kind === "folder" || kind === "git") return [request.platform];
  const platforms = new Set(resolved.contextUses.filter((use) => use.name === name).map(({ platform }) => platform));
  return platforms.size === 0 ? [request.platform] : [...platforms].sort(byCodeUnit);
}

/** `https://…/repo.git#ref:folder` with the commit in the place of the ref. */
function pinnedUrl(url: string, commit: string): string {
  const [address = "", fragment = ""] = url.split("#");
  const folder = fragment.split(":").slice(1).join(":");
  return `${address}#${commit}${folder === "" ? "" : `:${folder}`}`;
}
