import { posix } from "node:path";
import type { BuildSecret, BuildSettings, NamedContext } from "../../model/service.ts";
import type { BakedRelease } from "./bake-release.ts";
import { isGitUrl, parseContext } from "../project/contexts.ts";
import { isMap } from "../written/cursor.ts";
import type { WrittenKey } from "./definition-keys.ts";
import { insideRoot, pathFromRoot } from "../files.ts";
import { readImageReferences } from "../project/image-references.ts";
import type { ArgLayer, FoundService, Layer } from "../project/layer.ts";
import { addFault, type Faults, type Place, type PlacedValue } from "../written/place.ts";
import { readPlatforms } from "../project/platforms.ts";

type Target = Readonly<Record<string, unknown>>;

/** The output of `docker buildx bake --print`. */
export interface PrintedBake {
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly targets: Readonly<Record<string, Target>>;
  readonly hasDefault: boolean;
  /** The arguments behind the output. */
  readonly args: readonly string[];
  /** Targets of the definition that were not selected. */
  readonly others: readonly string[];
}

/** A group as an entry of a map; empty when the value is not a group. */
export function isBakeGroups(name: string, group: unknown): [string, string[]][] {
  return isMap(group) ? [[name, textList(group["targets"])]] : [];
}

/** Why a target that makes an image cannot be built by Slipway; undefined: it can. */
export function whyUnbuildable(target: Target): string | undefined {
  if (typeof target["dockerfile-inline"] === "string") {
    return "its Dockerfile is written inside the bake file (dockerfile-inline); put it into a file to release it";
  }
  const context = textOf(target["context"]) ?? ".";
  if (isRemote(context)) return `it is built from ${JSON.stringify(context)}, not from this repository`;
  return undefined;
}

/** Why a target makes no image to release; undefined: it does. bake prints a target that only others use as `cacheonly`. */
export function whyNotImage(target: Target, isListed: boolean): string | undefined {
  if (textOf(target["call"]) !== undefined && textOf(target["call"]) !== "build") return "it only calls a check";
  const types = listOf(target["output"]).map((output) => (isMap(output) ? textOf(output["type"]) : undefined));
  const makesImage =
    types.length === 0 || types.some((type) => type === "image" || type === "registry" || type === "docker");
  return isListed && !makesImage && textList(target["tags"]).length === 0
    ? `its output is ${types.join(", ")}, not an image`
    : undefined;
}

/** A target to make a service of. */
export interface WantedTarget {
  readonly name: string;
  readonly target: Target;
  readonly at: Place;
  /** Whether it is selected itself, not only used by another target as a context. */
  readonly isListed: boolean;
  readonly release: BakedRelease | undefined;
}

/** Makes a service. Paths outside of the repository are a fault, and give none. */
export function makeTarget(wanted: WantedTarget, root: string, faults: Faults): FoundService[] {
  const { name, target, at, isListed, release } = wanted;
  const context = relativePath(".", textOf(target["context"]) ?? ".", root);
  const dockerfile =
    context === undefined ? undefined : relativePath(context, textOf(target["dockerfile"]) ?? "Dockerfile", root);
  if (context === undefined || dockerfile === undefined) {
    const path = textOf(target[context === undefined ? "context" : "dockerfile"]) ?? "";
    addFault(faults, at, `"${path}" of the target "${name}" lies outside of the repository`);
    return [];
  }
  for (const asked of textList(target["entitlements"])) {
    if (asked === "network.host") continue;
    addFault(faults, at, `the target "${name}" asks for "${asked}", which cannot be passed on to a build; take it out`);
  }
  const tags = textList(target["tags"]).map((value) => ({ value, at }));
  const released = release?.tags.get(name)?.map((value) => ({ value, at }));
  const { layer, aliases } = readImageReferences(
    tags,
    release === undefined || released === undefined ? undefined : { references: released, probes: release.probes },
  );
  const hidden = isListed || tags.length > 0 ? {} : { tags: { version: [], branch: [] } };
  return [
    {
      name,
      at,
      context: { value: context, at },
      dockerfile: { value: dockerfile, at },
      aliases,
      layer: { ...layer, ...hidden, ...targetLayer(wanted, root, faults) },
    },
  ];
}

/** The keys of a printed target that Slipway must account for. An output counts if it is more than an image that is pushed or loaded. */
export function writtenKeys(target: Target, at: Place): WrittenKey[] {
  const carried = Object.keys(readAnnotations(target)).length;
  const forIndex = textList(target["annotations"]).length > carried ? [{ key: "index-annotations", at }] : [];
  const keys = Object.entries(target).flatMap(([key, value]) => {
    const isEmpty = value === null || value === false || (Array.isArray(value) && value.length === 0);
    return isEmpty || (key === "output" && isPlainOutput(value)) ? [] : [{ key, at }];
  });
  return [...forIndex, ...keys];
}

function isPlainOutput(value: unknown): boolean {
  const plain = new Set(["type", "push", "name", "push-by-digest", "name-canonical"]);
  return listOf(value).every((output) => {
    const type = isMap(output) ? textOf(output["type"]) : undefined;
    if (!isMap(output) || type === undefined) return false;
    const isImage = ["image", "registry", "docker", "cacheonly"].includes(type);
    return isImage && Object.keys(output).every((key) => plain.has(key));
  });
}

function isRemote(context: string): boolean {
  return isGitUrl(context) || (/^[a-z]+:\/\//.test(context) && !context.startsWith("cwd://"));
}

/** Resolves a path: absolute ones inside the repository are taken as such, `cwd://` is the root. */
function relativePath(folder: string, written: string, root: string): string | undefined {
  const fromHere = /^cwd:\/\/(.*)$/.exec(written)?.[1];
  if (fromHere !== undefined) return pathFromRoot(".", fromHere === "" ? "." : fromHere);
  if (!posix.isAbsolute(written)) return pathFromRoot(folder, written);
  const inside = insideRoot(root, written);
  return inside === "" ? "." : pathFromRoot(".", inside);
}

function targetLayer(wanted: WantedTarget, root: string, faults: Faults): Layer {
  const { target, at } = wanted;
  const stage = textOf(target["target"]);
  const platforms = readPlatforms(
    textList(target["platforms"]).map((value) => ({ value, at })),
    faults,
  );
  const labels = textMap(target["labels"]);
  return {
    ...(stage === undefined || stage === "" ? {} : { target: stage }),
    ...(platforms.length === 0 ? {} : { platforms }),
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
    args: Object.fromEntries(textMap(target["args"]).map(([key, value]): [string, ArgLayer] => [key, { value, at }])),
    contexts: readContexts(wanted, root, faults),
    annotations: readAnnotations(target),
    secrets: listOf(target["secret"]).flatMap(readSecret),
    ssh: listOf(target["ssh"]).flatMap(readSsh),
    settings: readSettings(target),
  };
}

function readContexts(
  { name, target, at }: WantedTarget,
  root: string,
  faults: Faults,
): Record<string, PlacedValue<NamedContext>> {
  const contexts: Record<string, PlacedValue<NamedContext>> = {};
  for (const [key, value] of textMap(target["contexts"])) {
    const folder = posix.isAbsolute(value) || value.startsWith("cwd://") ? relativePath(".", value, root) : undefined;
    const context = folder === undefined ? parseContext(value, ".") : { kind: "folder" as const, path: folder };
    if ("fault" in context) addFault(faults, at, `the context "${key}" of the target "${name}": ${context.fault}`);
    else contexts[key] = { value: context, at };
  }
  return contexts;
}

/** Reads annotations of the image's manifest; `writtenKeys` reports that those of the index are not used. */
function readAnnotations(target: Target): Record<string, string> {
  return Object.fromEntries(
    textList(target["annotations"]).flatMap((text) => {
      const [, kinds = "manifest", key = "", value = ""] = /^(?:([a-z,[\]/-]+):)?([^=]+)=(.*)$/s.exec(text) ?? [];
      return kinds.split(",").some((kind) => kind.startsWith("manifest")) ? [[key, value] as const] : [];
    }),
  );
}

function readSecret(written: unknown): BuildSecret[] {
  if (!isMap(written)) return [];
  const [id, path, env] = [textOf(written["id"]), textOf(written["src"]), textOf(written["env"])];
  if (id === undefined) return [];
  if (path !== undefined) return [{ id, from: { kind: "file", path: posix.normalize(path) } }];
  return [{ id, from: { kind: "env", name: env ?? id } }];
}

function readSsh(written: unknown): string[] {
  if (!isMap(written)) return typeof written === "string" ? [written] : [];
  const id = textOf(written["id"]) ?? "default";
  const paths = textList(written["paths"]);
  return [paths.length === 0 ? id : `${id}=${paths.join(",")}`];
}

function readSettings(target: Target): BuildSettings {
  const network = textOf(target["network"]);
  const extraHosts = textMap(target["extra-hosts"]).map(([host, address]) => `${host}:${address}`);
  const ulimits = textList(target["ulimits"]);
  const shmSize = textOf(target["shm-size"]);
  return {
    ...(network === "none" || network === "host" ? { network } : {}),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
    ...(ulimits.length === 0 ? {} : { ulimits }),
    ...(shmSize === undefined ? {} : { shmSize }),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Reads a printed text. bake escapes `${` and `%{`, so that its output is a bake file again. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.replaceAll("$${", "${").replaceAll("%%{", "%{") : undefined;
}

function textList(value: unknown): string[] {
  return listOf(value)
    .map(textOf)
    .filter((text) => text !== undefined);
}

function textMap(value: unknown): [string, string][] {
  const entries = isMap(value) ? Object.entries(value) : [];
  return entries.flatMap(([key, each]) => {
    const text = textOf(each);
    return text === undefined ? [] : [[key, text] as [string, string]];
  });
}
