import { addTo, largest } from "../model/lists.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, truncate } from "./text.ts";

/** Images that are published on an event, as references; `perhaps`: conditions of which only a run knows whether they hold. */
export interface EventImages {
  readonly event: string;
  readonly images: readonly {
    readonly reference: string;
    readonly perhaps: readonly string[];
    /** Mark of an image that is published before (`-`) or after (`+`) a change alone. */
    readonly mark?: "-" | "+";
  }[];
}

/** Events with their images: equal events together, tags beside the name of their image, images with equal tags together. */
export function renderEvents(rows: readonly EventImages[], style: Style, indent: number): string[] {
  const groups = new Map<string, { readonly events: string[]; readonly images: EventImages["images"] }>();
  for (const { event, images } of rows) {
    const key = JSON.stringify(images.map(({ reference, perhaps, mark = "" }) => [reference, perhaps, mark]));
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { events: [event], images });
    else if (known.events.at(-1) !== event) known.events.push(event);
  }
  return [...groups.values()].flatMap(({ events, images }) => [
    ...wrapItems(events, { style, indent, separator: ", ", hanging: 0 }).map((line) => style.cyan(line)),
    ...renderImages(images, style, indent + 2),
  ]);
}

interface ImageLine {
  readonly names: readonly string[];
  readonly tags: readonly string[];
  readonly condition: string;
  readonly mark: string;
}

/** Widest column of names; longer ones have their tags on the lines below. */
const widestNames = 52;

function renderImages(images: EventImages["images"], style: Style, indent: number): string[] {
  const lines = imageLines(images, style);
  const widths = lines.map(({ names }) => displayWidth(names.join(", "))).filter((width) => width <= widestNames);
  const column = largest(widths);
  return lines.flatMap((line) => {
    const shown = renderImageLine(line, { style, indent, column });
    if (line.mark === "") return shown;
    const [first = "", ...rest] = shown;
    return [`${" ".repeat(indent - 2)}${line.mark} ${first.trimStart()}`, ...rest].map((each) => style.red(each));
  });
}

function renderImageLine(
  { names, tags, condition }: ImageLine,
  { style, indent, column }: { readonly style: Style; readonly indent: number; readonly column: number },
): string[] {
  const texts = tags.map((tag) => shortenUnknown(tag, style));
  const items = [...texts, ...(condition === "" ? [] : [`if ${shorten(condition, style)}`])];
  const joined = names.join(", ");
  if (displayWidth(joined) > widestNames)
    return [
      ...wrapItems(names, { style, indent, separator: ", ", hanging: 0 }),
      ...wrapItems(items, { style, indent: indent + 2, separator: " ", hanging: 0 }),
    ];
  const [first = "", ...rest] = wrapItems(items, { style, indent: indent + column + 2, separator: " ", hanging: 0 });
  return [`${" ".repeat(indent)}${padEnd(joined, column)}  ${first.trimStart()}`.trimEnd(), ...rest];
}

/** Gathers tags by image and condition, then images with equal tags. */
function imageLines(images: EventImages["images"], style: Style): ImageLine[] {
  const byName = new Map<string, string[]>();
  for (const { reference, perhaps, mark = "" } of images) {
    const at = endOfName(reference);
    const tag = reference.charAt(at) === ":" ? reference.slice(at + 1) : reference.slice(at);
    addTo(byName, JSON.stringify([reference.slice(0, at), perhaps.join(" and "), mark]), tag);
  }
  const byTags = new Map<
    string,
    { readonly names: string[]; readonly tags: readonly string[]; readonly condition: string; readonly mark: string }
  >();
  for (const [key, all] of byName) {
    const [name = "", condition = "", mark = ""] = JSON.parse(key) as string[];
    const tags = [...new Set(all)].filter((tag) => tag !== "");
    const group = JSON.stringify([tags, condition, mark]);
    const known = byTags.get(group);
    const shown = shortenUnknown(name, style);
    if (known === undefined) byTags.set(group, { names: [shown], tags, condition, mark });
    else known.names.push(shown);
  }
  return [...byTags.values()];
}

/** Returns the offset at which the name of an image ends. Separators inside an unknown part (`‹a:b›`) do not count. */
function endOfName(reference: string): number {
  let depth = 0;
  let colon = -1;
  for (let at = 0; at < reference.length; at += 1) {
    const character = reference.charAt(at);
    if (character === "‹") depth += 1;
    else if (character === "›") depth -= 1;
    else if (depth > 0) continue;
    else if (character === "@") return colon >= 0 ? colon : at;
    else if (character === "/") colon = -1;
    else if (character === ":") colon = at;
  }
  return colon >= 0 ? colon : reference.length;
}

const longestName = 48;

/** Shortens long unknown parts, such as a whole command; the JSON has them as they are. */
function shortenUnknown(tag: string, style: Style): string {
  return tag.replaceAll(
    /‹([^‹›]{49,})›/g,
    (_, name: string) => `‹${truncate(name, longestName, style.glyphs.ellipsis)}›`,
  );
}

function shorten(condition: string, style: Style): string {
  return truncate(condition, 2 * longestName, style.glyphs.ellipsis);
}

/** Joins items to lines that are no wider than the style allows; further lines begin `hanging` columns further in. */
export function wrapItems(
  items: readonly string[],
  given: { readonly style: Style; readonly indent: number; readonly separator: string; readonly hanging: number },
): string[] {
  const { style, indent, separator, hanging } = given;
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let width = indent;
  let isEmpty = true;
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? item + separator.trimEnd() : item;
    const added = displayWidth(text);
    if (!isEmpty && width + 1 + added > style.columns) {
      lines.push(line);
      line = " ".repeat(indent + hanging);
      width = indent + hanging;
      isEmpty = true;
    }
    line += isEmpty ? text : ` ${text}`;
    width += added + (isEmpty ? 0 : 1);
    isEmpty = false;
  }
  return isEmpty ? lines : [...lines, line];
}
