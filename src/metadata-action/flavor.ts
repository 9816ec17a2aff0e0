import { itemFields } from "./csv-records.ts";

/** What all tags get. A text may have unknown parts. Source: docker/metadata-action's README, "flavor input". */
export interface Flavor {
  /** `auto`, `true` or `false`, where it is known. */
  readonly latest: string;
  readonly prefix: string;
  readonly suffix: string;
  /** Whether `latest` gets it, too: `true` or `false`, where it is known. */
  readonly prefixOnLatest: string;
  readonly suffixOnLatest: string;
}

/** Reads the items of the `flavor` input; a text: why the action refuses it. */
export function readFlavor(items: readonly string[]): Flavor | string {
  const flavor = { latest: "auto", prefix: "", suffix: "", prefixOnLatest: "false", suffixOnLatest: "false" };
  for (const item of items) {
    const fields = itemFields(item);
    if (fields === undefined) return `the flavor "${item}" is no list of fields`;
    let affix: "prefix" | "suffix" | undefined;
    for (const field of fields) {
      // The action takes what stands between the first two equals signs.
      const [name = "", value] = field.split("=").map((part) => part.trim());
      if (value === undefined) return `the flavor "${item}" has no value`;
      switch (name.toLowerCase()) {
        case "latest":
          flavor.latest = value;
          break;
        case "prefix":
        case "suffix":
          affix = name.toLowerCase() === "prefix" ? "prefix" : "suffix";
          flavor[affix] = value;
          break;
        case "onlatest":
          if (affix !== undefined) flavor[`${affix}OnLatest`] = value;
          break;
        default:
          return `the flavor "${item}" is none of the action's`;
      }
    }
  }
  return flavor;
}

/** One image name of the `images` input. */
export interface ImageEntry {
  readonly name: string;
  /** `true` or `false`, where it is known. */
  readonly enable: string;
}

/** Reads the items of the `images` input; a text: why the action refuses it. */
export function readImages(items: readonly string[]): readonly ImageEntry[] | string {
  // The old form: names in one line.
  const [only] = items;
  const names = items.length === 1 ? itemFields(only ?? "") : undefined;
  if (names?.every((name) => !name.includes("=")) === true) {
    return names.map((name) => ({ name: name.trim(), enable: "true" }));
  }
  const images: ImageEntry[] = [];
  for (const item of items) {
    const fields = itemFields(item);
    if (fields === undefined) return `the image "${item}" is no list of fields`;
    let image: ImageEntry = { name: "", enable: "true" };
    for (const field of fields) {
      const [name = "", value] = field.split("=").map((part) => part.trim());
      if (value === undefined) image = { ...image, name };
      else if (name.toLowerCase() === "name") image = { ...image, name: value };
      else if (name.toLowerCase() === "enable") image = { ...image, enable: value };
      else return `the image "${item}" has the attribute "${name}", which is none of the action's`;
    }
    if (image.name === "") return `the image "${item}" has no name`;
    images.push(image);
  }
  return images;
}
