import { itemFields } from "./csv-records.ts";

/** Settings for all tags; a text may have unknown parts. Source: docker/metadata-action's README, "flavor input". */
export interface Flavor {
  /** Value of `latest`: `auto`, `true`, `false`, or unknown. */
  readonly latest: string;
  readonly prefix: string;
  readonly suffix: string;
  /** Whether the tag `latest` gets the prefix, too: `true`, `false`, or unknown. */
  readonly prefixOnLatest: string;
  readonly suffixOnLatest: string;
}

/** Reads the items of the `flavor` input; a text: the reason why the action refuses them. */
export function readFlavor(items: readonly string[]): Flavor | string {
  const flavor = { latest: "auto", prefix: "", suffix: "", prefixOnLatest: "false", suffixOnLatest: "false" };
  for (const item of items) {
    const fields = itemFields(item);
    if (fields === undefined) return `the flavor "${item}" is no list of fields`;
    let affix: "prefix" | "suffix" | undefined;
    for (const field of fields) {
      // The action takes the text between the first two equals signs as the value.
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

/** Image name of the `images` input. */
export interface ImageEntry {
  readonly name: string;
  /** Whether the name is used: `true`, `false`, or unknown. */
  readonly enable: string;
}

/** Reads the items of the `images` input; a text: the reason why the action refuses them. */
export function readImages(items: readonly string[]): readonly ImageEntry[] | string {
  // The older form of the input lists names in one line.
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
