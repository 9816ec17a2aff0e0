import { parseBytes } from "../../formats/bytes.ts";
import type { GrowthLimit } from "../../layers/limits.ts";
import type { ImageLayers, LayersDocument } from "../../model/layers-document.ts";
import { parsedFlag, textFlag, toggleFlag, words } from "../flag.ts";
import { groupFlag } from "../recorded-release.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: { services: words("[service...]", "services to look into (default: all)") },
  flags: {
    release: textFlag("--release <release>", "the release that ships the images (default: the last one)"),
    diff: textFlag("--diff <release>", "the release to compare with (default: the one before)"),
    group: groupFlag,
    files: toggleFlag("--files", "read the layers: wasted bytes, largest files, package managers' leftovers"),
    maxSize: parsedFlag("--max-size <size>", "exit with 1 if an image is larger, compressed", {
      takes: "a size such as 200MB or 1.5GB",
      parse: parseBytes,
    }),
    maxGrowth: parsedFlag("--max-growth <size>", "exit with 1 if an image grew by more: 10MB, 5%", {
      takes: "a size such as 10MB, or a share such as 5%",
      parse: parseGrowth,
    }),
  },
};

export type LayersOptions = OptionsOf<typeof written>;

export const layers: CommandSpec<LayersOptions, LayersDocument> = {
  name: "layers",
  summary: "Show where an image's bytes are: by layer, instruction and base, and what a node must pull",
  ...written,
  explanation: `
It reads manifests and configurations, and no layer unless --files is given.
Sizes of layers are compressed, those of files are not.`,
  examples: [
    { run: "slipway layers api", for: "each layer: instruction, size, base" },
    { run: "slipway layers api --diff 1.2.0", for: "what grew since 1.2.0" },
    { run: "slipway layers api --files", for: "what to remove, and from which line" },
    { run: "slipway layers --max-growth 5%", for: "a gate for CI" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
  exitCode: ({ over, images }) => (over.length > 0 || images.some(isDamaged) ? 1 : 0),
};

function isDamaged({ files }: ImageLayers): boolean {
  return files?.unread.some(({ isFault }) => isFault) === true;
}

function parseGrowth(text: string): GrowthLimit | undefined {
  const [, percent] = /^(\d{1,6}(?:\.\d{1,6})?) ?%$/.exec(text) ?? [];
  if (percent !== undefined) return { kind: "percent", percent: Number(percent) };
  const bytes = parseBytes(text);
  return bytes === undefined ? undefined : { kind: "bytes", bytes };
}
