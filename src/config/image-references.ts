import { parseReference } from "../model/reference.ts";
import type { TagTemplates } from "../model/service.ts";
import type { Layer } from "./layer.ts";
import type { Said } from "./place.ts";

/**
 * What the references that a bake file, Compose or Skaffold gives a service say: image names to keep exactly, tag
 * templates where a whole version can be recognised, and names that no registry knows (`shop-web`), by which other
 * Dockerfiles may call the image all the same.
 */
export function readImageReferences(references: readonly Said<string>[]): { layer: Layer; aliases: string[] } {
  const aliases: string[] = [];
  const images = new Map<string, Said<string>>();
  const tags: string[] = [];
  for (const { value, at } of references) {
    const { name, tag } = splitTag(value);
    if (!name.includes("/")) aliases.push(name);
    else images.set(name, { value: name, at });
    if (name.includes("/") && tag !== undefined) tags.push(tag);
  }
  const version = recogniseTags(tags);
  return {
    layer: {
      ...(images.size === 0 ? {} : { images: [...images.values()] }),
      ...(version === undefined ? {} : { tags: { version } }),
    },
    aliases,
  };
}

/** The name stays as it is written, also where it is none: slipway.yaml may say another. */
function splitTag(written: string): { name: string; tag: string | undefined } {
  const name = written.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  return { name, tag: parseReference(written)?.tag };
}

const versionPattern = /(?<![0-9.]|[A-Za-uw-z]|[A-Za-z]v)(\d+)\.(\d+)\.(\d+)(?![0-9.])/;

/**
 * Templates of tags such as `1.2.3`, `1.2`, `latest`; undefined unless one of them holds a whole version. A tag without
 * a version in it stays as it is.
 */
export function recogniseTags(tags: readonly string[]): TagTemplates["version"] | undefined {
  const found = tags.map((tag) => versionPattern.exec(tag)).find((match) => match !== null);
  if (found === undefined) return undefined;
  const [version, major = "", minor = ""] = found;
  const replacements = [
    [version, "{version}"],
    [`${major}.${minor}`, "{major}.{minor}"],
    [major, "{major}"],
  ] as const;
  return [...new Set(tags.map((tag) => recogniseTag(tag, replacements)))];
}

function recogniseTag(tag: string, replacements: readonly (readonly [string, string])[]): string {
  for (const [text, template] of replacements) {
    const pattern = new RegExp(`(?<![0-9.]|[A-Za-uw-z]|[A-Za-z]v)${text.replaceAll(".", "\\.")}(?![0-9]|\\.[0-9])`);
    if (pattern.test(tag)) return tag.replace(pattern, template);
  }
  return tag;
}
