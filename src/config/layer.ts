import type { BuildSecret, BuildSettings, CacheSetting, NamedContext, TagTemplates } from "../model/service.ts";
import type { LeftOut } from "../model/service.ts";
import type { Platform } from "../model/platform.ts";
import type { Place, Said } from "./place.ts";

/** What one source says of a build arg. `value` null: the environment variable of that name, where it is set. */
export interface ArgLayer {
  readonly value?: string | null;
  readonly env?: string;
  /** The variable that looks like a credential and that `value` was read from. */
  readonly variable?: string;
  readonly stamp?: boolean;
  readonly allow?: string;
  readonly at: Place;
}

/** What one source (a bake file, the top level of slipway.yaml, an entry of it) says of a service. Absent: nothing. */
export interface Layer {
  /** Image names, `{service}` allowed. */
  readonly images?: readonly Said<string>[];
  readonly tags?: Partial<TagTemplates>;
  /** Templates by image name, for names that do not all have `tags`. */
  readonly imageTags?: Readonly<Record<string, Partial<TagTemplates>>>;
  readonly platforms?: readonly Platform[];
  readonly args?: Readonly<Record<string, ArgLayer>>;
  readonly target?: string;
  readonly needs?: readonly Said<string>[];
  readonly contexts?: Readonly<Record<string, Said<NamedContext>>>;
  readonly secrets?: readonly BuildSecret[];
  readonly ssh?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly settings?: BuildSettings;
  readonly generated?: readonly string[];
  readonly bases?: "follow" | "hold";
  /** Null: never for age alone. */
  readonly refreshSeconds?: number | null;
  readonly cache?: CacheSetting;
  readonly group?: Said<string>;
}

/** A service as one source describes it, before slipway.yaml's settings are laid over it. */
export interface FoundService {
  /** As the source writes it. */
  readonly name: string;
  readonly at: Place;
  readonly context: Said<string>;
  readonly dockerfile: Said<string>;
  readonly layer: Layer;
  /** The image as the source writes it, where it names one: services with the same build and image are one. */
  readonly image?: string;
  /** Names that other Dockerfiles may use for its image although no registry knows them (`shop-web`). */
  readonly aliases: readonly string[];
}

/** What one source gave. */
export interface SourceServices {
  readonly services: readonly FoundService[];
  readonly leftOut: readonly LeftOut[];
  readonly source: string;
  /** Services with a fault that keeps them from being in `services`; nobody is told that they do not exist. */
  readonly broken?: readonly string[];
  /** Images that the source defines and Slipway cannot build. Where it has no others, nothing else stands in for it. */
  readonly unbuildable?: readonly Unbuildable[];
  readonly warnings: readonly string[];
}

/** An image that a source defines in a way that Slipway cannot build. */
export interface Unbuildable {
  readonly name: string;
  readonly at: Place;
  readonly because: string;
}

/** Later layers win. Maps are merged key by key; everything else is replaced. */
export function mergeLayers(...layers: readonly Layer[]): Layer {
  return layers.reduce((under, over) => ({
    ...under,
    ...over,
    ...mergedMap("tags", under, over),
    ...mergedMap("contexts", under, over),
    ...mergedMap("labels", under, over),
    ...mergedMap("annotations", under, over),
    ...mergedMap("settings", under, over),
    ...mergedArgs(under, over),
    ...mergedImageTags(under, over),
  }));
}

type MapKey = "tags" | "contexts" | "labels" | "annotations" | "settings";

function mergedMap(key: MapKey, under: Layer, over: Layer): Layer {
  if (under[key] === undefined && over[key] === undefined) return {};
  return { [key]: { ...under[key], ...over[key] } };
}

/** `tags` of a later layer are for every image name. */
function mergedImageTags(under: Layer, over: Layer): Layer {
  if (under.imageTags === undefined || over.imageTags !== undefined || over.tags === undefined) return {};
  const replaced = over.tags;
  const imageTags = Object.entries(under.imageTags).map(([name, tags]) => [name, { ...tags, ...replaced }]);
  return { imageTags: Object.fromEntries(imageTags) };
}

/** An arg that is only marked (`{ stamp: true }`) keeps the value it has. */
function mergedArgs(under: Layer, over: Layer): Layer {
  if (under.args === undefined || over.args === undefined) return {};
  const args: Record<string, ArgLayer> = { ...under.args };
  for (const [name, arg] of Object.entries(over.args)) args[name] = { ...args[name], ...arg };
  return { args };
}
