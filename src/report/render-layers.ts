import {
  bytesGrown,
  type ImageFiles,
  type ImageGrowth,
  type LayerBase,
  type LayerChange,
  type ImageLayers,
  type LayersDocument,
  type PlacedLayer,
} from "../model/layers-document.ts";
import { renderBytes, renderCount, renderSignedBytes } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** Renders each image: its layers from the lowest up, what a node must pull, and where it grew. */
export function renderLayers({ images, over, notes }: LayersDocument, style: Style): string {
  const blocks = [
    ...images.map((image) => renderImage(image, style)),
    ...over.map((each) => `${style.red("over:")} ${each}`),
    ...notes.map((note) => `${style.cyan("note:")} ${note}`),
  ];
  return blocks.length === 0 ? "no images" : blocks.join("\n\n");
}

function renderImage(image: ImageLayers, style: Style): string {
  const { service, platform, release, size, base, layers, growth, files } = image;
  const rows = layers.map((layer) => rowOf(layer, style));
  const head = ["SIZE", "FROM", "INSTRUCTION", "PLACE", "SHARED WITH"];
  return [
    `${style.bold(service)} ${platform} of ${release}: ${renderBytes(size)}, ${describeBase(base, layers)}`,
    renderTable(rows, style, { head, right: [0], flexible: 2, indent: 2 }),
    ...(growth === null ? [] : renderGrowth(growth, style)),
    ...(files === null ? [] : renderFiles(files, layers, style)),
  ].join("\n");
}

function rowOf({ size, origin, instruction, place, sharedWith, isNew }: PlacedLayer, style: Style): Cell[] {
  const shared = sharedWith.slice(0, 3).join(", ");
  const more = sharedWith.length > 3 ? ` and ${sharedWith.length - 3} more` : "";
  return [
    { text: renderBytes(size), paint: isNew === true ? style.yellow : (text) => text },
    { text: origin === "unknown" ? "?" : origin, paint: style.dim },
    instruction ?? "not known",
    { text: place ?? "", paint: style.dim },
    `${shared}${more}`,
  ];
}

function describeBase(base: LayerBase, layers: readonly PlacedLayer[]): string {
  switch (base.kind) {
    case "image": {
      const bytes = layers.slice(0, base.layers).reduce((sum, { size }) => sum + size, 0);
      return `of which ${renderBytes(bytes)} from ${base.reference} (${renderCount(base.layers, "layer")})`;
    }
    case "none":
      return "no base";
    case "unknown":
      return `base not known: ${base.because}`;
  }
}

/** Number of files of each sort that are shown. */
const shownFiles = 10;

function renderFiles(files: ImageFiles, layers: readonly PlacedLayer[], style: Style): string[] {
  const { wastedBytes, diveEfficiency, wasted, largest, leftovers, unread } = files;
  const from = (layer: number): string => {
    const { place, origin, instruction } = layers[layer] ?? { place: null, origin: "unknown", instruction: null };
    return place ?? (origin === "base" ? "the base" : (instruction ?? `layer ${layer}`));
  };
  const efficiency = diveEfficiency === null ? "" : ` (dive's efficiency: ${(diveEfficiency * 100).toFixed(1)} %)`;
  const list = (title: string, rows: readonly (readonly Cell[])[]): string[] =>
    rows.length === 0 ? [] : [`  ${title}`, renderTable(rows, style, { right: [0], flexible: 1, indent: 4 })];
  return [
    `  wasted: ${style.bold(renderBytes(wastedBytes))} that a later layer overwrites or deletes${efficiency}`,
    ...list(
      "overwritten or deleted later:",
      wasted
        .slice(0, shownFiles)
        .map(({ path, size, layer, how, by }) => [renderBytes(size), path, `${from(layer)}, ${how} by ${from(by)}`]),
    ),
    ...list(
      "largest files:",
      largest.slice(0, shownFiles).map(({ path, size, layer }) => [renderBytes(size), path, from(layer)]),
    ),
    ...list(
      "left by package managers:",
      leftovers.map(({ manager, layer, bytes, files: count, advice }) => [
        renderBytes(bytes),
        `${manager}: ${renderCount(count, "file")} from ${from(layer)}; ${advice}`,
      ]),
    ),
    ...unread.map(
      ({ layer, because, isFault }) =>
        `  ${isFault ? style.red("not read:") : style.yellow("not read:")} layer ${layer + 1} (${from(layer)}): ${because}`,
    ),
  ];
}

const shownChanges = 10;

function renderGrowth({ since, bytes, pull, changes }: ImageGrowth, style: Style): string[] {
  const grown = changes.filter(({ before, after }) => before !== after);
  const hidden = grown.length - shownChanges;
  return [
    `  since ${since}: ${renderSignedBytes(bytes)}; a node that has ${since} pulls ${renderBytes(pull.ofService)}, or ${renderBytes(pull.ofRelease)} with all its services`,
    ...grown.slice(0, shownChanges).map((change) => `    ${renderChange(change, style)}`),
    ...(hidden > 0 ? [style.dim(`    and ${renderCount(hidden, "smaller change")}`)] : []),
  ];
}

function renderChange(change: LayerChange, style: Style): string {
  const { instruction, origin, before, after } = change;
  const bytes = renderSignedBytes(bytesGrown(change));
  const state = before === null ? " (new)" : after === null ? " (gone)" : "";
  const what = origin === "base" ? `base ${instruction ?? ""}`.trim() : (instruction ?? "not known");
  return `${style.bold(bytes)}  ${what}${style.dim(state)}`;
}
