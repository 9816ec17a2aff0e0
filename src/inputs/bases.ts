import { type BaseConfig, type BaseUse, baseKey, type ResolvedBuild } from "../dockerfile/syntax/dockerfile.ts";
import { SlipwayError } from "../errors.ts";
import { withoutCredentials } from "../formats/address.ts";
import type { InputBase, InputContext } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";
import type { Platform } from "../model/platform.ts";
import type { NamedContext } from "../model/service.ts";
import type { InputsRequest, PinnedBase } from "./request.ts";

/** Bases and named contexts (without folders), with the results of their look-ups. */
export interface ResolvedBases {
  readonly inputs: readonly InputBase[];
  readonly contexts: readonly InputContext[];
  /** Configs for `readBuild`, by `baseKey` or by the context's name. */
  readonly configs: ReadonlyMap<string, BaseConfig>;
  readonly pins: Readonly<Record<string, string>>;
  readonly waitsFor: readonly string[];
}

const unknownConfig: BaseConfig = { env: {}, onBuild: [] };

/** Looks up all images that a build uses, in parallel. */
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
    pins: pinsByPlatform([...bases, ...found]),
    waitsFor: [...new Set(found.flatMap(({ waitsFor }) => waitsFor ?? []))].sort(byCodeUnit),
  };
}

/** One `--build-context name=value` for the uses on this platform. */
interface Pin {
  readonly name: string;
  readonly platform: Platform;
  readonly value: string;
}

interface Read {
  readonly key: string;
  readonly config: BaseConfig;
  readonly pin: Pin | undefined;
}

/**
 * Values of `--build-context` by name. A name with different images on different platforms gets one entry each, `name::platform`. Source:
 * BuildKit, frontend/dockerui/config.go, `NamedContext`.
 */
function pinsByPlatform(reads: readonly Read[]): Record<string, string> {
  const pins = reads.flatMap(({ pin }) => (pin === undefined ? [] : [pin]));
  const values = new Map<string, Set<string>>();
  for (const { name, value } of pins) values.set(name, (values.get(name) ?? new Set()).add(value));
  return Object.fromEntries(
    pins.map(({ name, platform, value }) => [values.get(name)?.size === 1 ? name : `${name}::${platform}`, value]),
  );
}

async function readBase(request: InputsRequest, use: BaseUse): Promise<Read & { readonly input: InputBase }> {
  const key = baseKey(use);
  const reference = nameOn(use.reference, use.platform, request.platform);
  if (request.lookups === "offline") {
    return { key, config: unknownConfig, pin: undefined, input: { reference, digest: null } };
  }
  const { digest, pin, config } = await request.lookups.base(use.reference, use.platform);
  return {
    key,
    config,
    pin: { name: use.reference, platform: use.platform, value: contextOf(pin) },
    input: { reference, digest },
  };
}

/** The `--build-context` value of a pin. */
function contextOf(pin: string): string {
  return pin.includes("://") ? pin : `docker-image://${pin}`;
}

/** Name of an image as an input; it includes the platform if that is not the service's own. */
function nameOn(name: string, platform: Platform, own: Platform): string {
  return platform === own ? name : `${name} (${platform})`;
}

type ContextRead = Read & { readonly input?: InputContext; readonly waitsFor?: string };

/** Reads a context, with one promise for each platform that it is used for. */
function readContext(request: InputsRequest, resolved: ResolvedBuild, name: string): Promise<ContextRead[]>[] {
  const context = request.service.contexts[name];
  if (context === undefined) {
    const message = `service "${request.service.name}" has no context "${name}"`;
    throw new SlipwayError("context-not-found", message, { hint: `add it under contexts, or build it as a stage` });
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
  // `readFiles` reads the files of folders.
  if (context.kind === "folder") return { key: name, config: unknownConfig, pin: undefined };
  if (context.kind === "git") {
    const digest = lookups === "offline" ? null : await lookups.gitCommit(context.url);
    const pin = digest === null ? undefined : { name, platform, value: pinnedUrl(context.url, digest) };
    const of = withoutCredentials(context.url);
    return { key: name, config: unknownConfig, pin, input: { name, kind: "git", of, digest } };
  }
  if (context.kind === "image") {
    const image = lookups === "offline" ? undefined : await lookups.base(context.reference, platform);
    return imageContext({ name, platform }, { name: label, kind: "image", of: context.reference }, image);
  }
  const image = lookups === "offline" ? undefined : lookups.service(context.service, platform);
  const read = imageContext({ name, platform }, { name: label, kind: "service", of: context.service }, image);
  return image === undefined ? { ...read, waitsFor: context.service } : read;
}

function imageContext(
  use: Pick<Pin, "name" | "platform">,
  input: Pick<InputContext, "name" | "kind" | "of">,
  image: PinnedBase | undefined,
): ContextRead {
  return {
    key: use.name,
    config: image?.config ?? unknownConfig,
    pin: image === undefined ? undefined : { ...use, value: contextOf(image.pin) },
    input: { ...input, digest: image?.digest ?? null },
  };
}

/** Platforms that a context is used for; the service's own if only an `ONBUILD` trigger uses it. */
function platformsOf(request: InputsRequest, resolved: ResolvedBuild, name: string): Platform[] {
  const kind = request.service.contexts[name]?.kind;
  if (kind === "folder" || kind === "git") return [request.platform];
  const platforms = new Set(resolved.contextUses.filter((use) => use.name === name).map(({ platform }) => platform));
  return platforms.size === 0 ? [request.platform] : [...platforms].sort(byCodeUnit);
}

/** A git URL `https://…/repo.git#ref:folder` with its ref replaced by the commit. */
function pinnedUrl(url: string, commit: string): string {
  const [address = "", fragment = ""] = url.split("#");
  const folder = fragment.split(":").slice(1).join(":");
  return `${address}#${commit}${folder === "" ? "" : `:${folder}`}`;
}
