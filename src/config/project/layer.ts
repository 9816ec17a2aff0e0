import type {
  BuildSecret,
  BuildSettings,
  CacheSetting,
  LeftOut,
  NamedContext,
  SbomSetting,
  TagTemplates,
} from "../../model/service.ts";
import type { Platform } from "../../model/platform.ts";
import type { Place, PlacedValue } from "../written/place.ts";

/** A build arg in one source. `value` null: the environment variable of that name, if it is set. */
export interface ArgLayer {
  readonly value?: string | null;
  readonly env?: string;
  /** The variable behind `value` that looks like a credential. */
  readonly variable?: string;
  readonly stamp?: boolean;
  readonly allow?: string;
  readonly at: Place;
}

/** A service's settings in one source (a bake file, the top level of slipway.yaml, an entry of it). Absent: not set. */
export interface Layer {
  /** Image names, `{service}` allowed. */
  readonly images?: readonly PlacedValue<string>[];
  readonly tags?: Partial<TagTemplates>;
  /** Templates by image name, for names that do not all have `tags`. */
  readonly imageTags?: Readonly<Record<string, Partial<TagTemplates>>>;
  readonly platforms?: readonly Platform[];
  readonly args?: Readonly<Record<string, ArgLayer>>;
  readonly target?: string;
  readonly needs?: readonly PlacedValue<string>[];
  readonly contexts?: Readonly<Record<string, PlacedValue<NamedContext>>>;
  readonly secrets?: readonly BuildSecret[];
  readonly ssh?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly settings?: BuildSettings;
  readonly generated?: readonly string[];
  readonly bases?: "follow" | "hold";
  /** Maximum age in seconds; null: age is never a reason to build. */
  readonly refreshSeconds?: number | null;
  readonly cache?: CacheSetting;
  readonly sbom?: SbomSetting;
  readonly group?: PlacedValue<string>;
}

/** A service as one source describes it, before slipway.yaml's settings are laid over it. */
export interface FoundService {
  /** The name, as written. */
  readonly name: string;
  readonly at: Place;
  readonly context: PlacedValue<string>;
  readonly dockerfile: PlacedValue<string>;
  readonly layer: Layer;
  /** The image, as written. Services with the same build and image are one. */
  readonly image?: string;
  /** Names by which other Dockerfiles may call its image, though no registry knows them (`shop-web`). */
  readonly aliases: readonly string[];
}

/** The services of one source. */
export interface SourceServices {
  readonly services: readonly FoundService[];
  readonly leftOut: readonly LeftOut[];
  readonly source: string;
  /** Invalid services. Their names stay known so that references to them are not reported as well. */
  readonly broken?: readonly string[];
  /** Images that Slipway cannot build. If the source has no others, no other source stands in for it. */
  readonly unbuildable?: readonly Unbuildable[];
  readonly warnings: readonly string[];
}

/** An image of a definition that Slipway cannot build. */
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

/** Replaces earlier templates by name: `tags` of a later layer apply to every image name. */
function mergedImageTags(under: Layer, over: Layer): Layer {
  if (under.imageTags === undefined || over.imageTags !== undefined || over.tags === undefined) return {};
  const replaced = over.tags;
  const imageTags = Object.entries(under.imageTags).map(([name, tags]) => [name, { ...tags, ...replaced }]);
  return { imageTags: Object.fromEntries(imageTags) };
}

/** Merges args. One that is only marked (`{ stamp: true }`) keeps its value. */
function mergedArgs(under: Layer, over: Layer): Layer {
  if (under.args === undefined || over.args === undefined) return {};
  const args: Record<string, ArgLayer> = { ...under.args };
  for (const [name, arg] of Object.entries(over.args)) args[name] = { ...args[name], ...arg };
  return { args };
}
