import { before } from "../../formats/trim.ts";
import { parseImageName, parseReference } from "../../model/reference.ts";
import type { TagTemplates } from "../../model/service.ts";
import type { Layer } from "./layer.ts";
import type { PlacedValue } from "../written/place.ts";
import { hasVersion, type Probe, templateOf } from "../sources/release-variables.ts";

/** A definition's references at a release, with probes in the variables that the release sets. */
export interface ReleasedReferences {
  readonly references: readonly PlacedValue<string>[];
  readonly probes: readonly Probe[];
}

/**
 * Reads the references of a service in bake, Compose or Skaffold: image names, tag templates by name if a tag contains a version, and names
 * that no registry knows (`shop-web`), by which other Dockerfiles may call the image. `released`: if variables make the tags, the tags of a
 * release, independent of the variables' present values.
 */
export function readImageReferences(
  references: readonly PlacedValue<string>[],
  released?: ReleasedReferences,
): { layer: Layer; aliases: string[] } {
  const atRelease = released === undefined ? undefined : groupByName(released.references);
  const texts = [...(atRelease?.images ?? [])].flatMap(([, { tags }]) => tags);
  if (released !== undefined && atRelease !== undefined && texts.some((tag) => hasVersion(tag, released.probes))) {
    const literal = versionReader(
      texts.filter((tag) => /^v?\d+\.\d+\.\d+/.test(tag) && !hasVersion(tag, released.probes)),
    );
    const read = (tags: readonly string[]): string[] =>
      tags.flatMap((tag) => {
        const template = templateOf(tag, released.probes);
        return template === tag ? (literal?.([tag]) ?? [tag]) : (template ?? []);
      });
    return { layer: makeLayer(atRelease.images, read), aliases: atRelease.aliases };
  }
  const { images, aliases } = groupByName(references);
  return { layer: makeLayer(images, versionReader([...images.values()].flatMap(({ tags }) => tags))), aliases };
}

type ImagesByName = ReadonlyMap<string, { readonly said: PlacedValue<string>; readonly tags: readonly string[] }>;

function groupByName(references: readonly PlacedValue<string>[]): { images: ImagesByName; aliases: string[] } {
  const aliases: string[] = [];
  const images = new Map<string, { readonly said: PlacedValue<string>; readonly tags: string[] }>();
  for (const { value, at } of references) {
    const { name, tag } = splitTag(value);
    if (!name.includes("/")) {
      aliases.push(name);
      continue;
    }
    const key = parseImageName(name) ?? name;
    const image = images.get(key) ?? { said: { value: name, at }, tags: [] };
    image.tags.push(tag ?? "latest");
    images.set(key, image);
  }
  return { images, aliases };
}

function makeLayer(images: ImagesByName, read: ((tags: readonly string[]) => readonly string[]) | undefined): Layer {
  const names = [...images.values()].map(({ said }) => said);
  if (names.length === 0) return {};
  if (read === undefined) return { images: names };
  const byName = [...images.values()].map(
    ({ said, tags }) => [said.value, { version: [...new Set(read(tags))] }] as const,
  );
  const isSame = new Set(byName.map(([, { version }]) => JSON.stringify(version))).size === 1;
  return {
    images: names,
    ...(byName[0] === undefined ? {} : { tags: byName[0][1] }),
    ...(isSame ? {} : { imageTags: Object.fromEntries(byName) }),
  };
}

/** Splits a reference. The name stays as written, even if it is invalid: slipway.yaml may replace it. */
function splitTag(written: string): { name: string; tag: string | undefined } {
  const name = before(written, "@").replace(/:[^:/]*$/, "");
  return { name, tag: parseReference(written)?.tag };
}

const versionPattern = /(?<![0-9.]|[A-Za-uw-z]|[A-Za-z]v)(\d+)\.(\d+)\.(\d+)(?![0-9.])/;

/** Makes a function that turns tags into templates by the first whole version in `known`; undefined: there is none. */
function versionReader(known: readonly string[]): ((tags: readonly string[]) => TagTemplates["version"]) | undefined {
  const found = known.map((tag) => versionPattern.exec(tag)).find((match) => match !== null);
  if (found === undefined) return undefined;
  const [version, major = "", minor = ""] = found;
  const replacements = [
    [version, "{version}"],
    [`${major}.${minor}`, "{major}.{minor}"],
    [major, "{major}"],
  ] as const;
  return (tags) => [...new Set(tags.map((tag) => recogniseTag(tag, replacements)))];
}

/** The suffix of a version that is not final. It belongs to the version, unlike a variant's name (`-alpine`). */
const prerelease =
  /\{version\}-(?:(?:alpha|beta|rc|pre|preview|dev|snapshot|canary|nightly|next|edge|unstable)(?:[.-]?\d)*)(?![A-Za-z0-9])/i;

function recogniseTag(tag: string, replacements: readonly (readonly [string, string])[]): string {
  for (const [text, template] of replacements) {
    const pattern = new RegExp(`(?<![0-9.]|[A-Za-uw-z]|[A-Za-z]v)${text.replaceAll(".", "\\.")}(?![0-9]|\\.[0-9])`);
    if (!pattern.test(tag)) continue;
    const replaced = tag.replace(pattern, template);
    return template === "{version}" ? replaced.replace(prerelease, "{version}") : replaced;
  }
  return tag;
}
