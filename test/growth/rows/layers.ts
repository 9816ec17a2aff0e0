import type { ImageLayers, PlacedLayer } from "../../../src/model/layers-document.ts";
import { list, type Row } from "../row.ts";

/** Readers and renderers of images that strangers made. */
export async function layerRows(): Promise<readonly Row[]> {
  const [instructions, imageLayers, comparison, places, parsing, bytes, rendering] = await Promise.all([
    import("../../../src/layers/read-instruction.ts"),
    import("../../../src/layers/image-layers.ts"),
    import("../../../src/layers/compare-layers.ts"),
    import("../../../src/layers/find-places.ts"),
    import("../../../src/dockerfile/syntax/parse.ts"),
    import("../../../src/formats/bytes.ts"),
    import("../../../src/report/render-layers.ts"),
  ]);
  const [tarEntries, ledgers, described, tarArchive, zstd, tarHeader] = await Promise.all([
    import("../../../src/layers/tar-entries.ts"),
    import("../../../src/layers/file-ledger.ts"),
    import("../../../src/layers/describe-files.ts"),
    import("../../../src/formats/tar-archive.ts"),
    import("../../../src/formats/zstd-frames.ts"),
    import("../../../src/formats/tar-header.ts"),
  ]);
  const [{ digestOf }, { makePlatform }, { makeStyle }] = await Promise.all([
    import("../../../src/model/digest.ts"),
    import("../../../src/model/platform.ts"),
    import("../../../src/report/style.ts"),
  ]);
  const style = makeStyle(true, { columns: 100 });
  const placed = (size: number, text: string): PlacedLayer[] =>
    list(size, (index) => ({
      digest: digestOf(`${text} ${index}`),
      mediaType: "a",
      size: index,
      instruction: "RUN a",
      origin: "own",
      sharedWith: ["a", "b", "c", "d"],
      place: "Dockerfile:1",
      isNew: true,
    }));
  const none = { kind: "none" } as const;
  const image = (size: number): ImageLayers => ({
    service: "a",
    platform: makePlatform({ os: "linux", architecture: "amd64" }),
    release: "1.0.0",
    image: "a",
    size,
    base: none,
    layers: placed(size, "a"),
    growth: {
      since: "1.0.0",
      bytes: 1,
      pull: { ofService: 1, ofRelease: 1 },
      changes: list(size, (index) => ({ instruction: "RUN a", origin: "own", before: null, after: index })),
    },
    files: {
      wastedBytes: 1,
      diveEfficiency: 0.5,
      wasted: list(size, (index) => ({ path: `/a/${index}`, size: 1, layer: 0, how: "deleted", by: 1 })),
      largest: list(size, (index) => ({ path: `/a/${index}`, size: 1, layer: 0 })),
      leftovers: list(size, (index) => ({ manager: "a", layer: index, bytes: 1, files: 1, advice: "b" })),
      unread: list(size, (index) => ({ layer: index, because: "a", isFault: true })),
    },
  });

  return [
    [
      "an instruction of a history",
      200,
      (size) => () => instructions.readInstruction(`RUN |${size} ${"a ".repeat(size)}`),
    ],
    ["a tar archive", 20, (size) => () => tarArchive.renderTar(list(size, (index) => ({ path: `a${index}` })))],
    [
      "the frames of zstd data in small chunks",
      20,
      (size) => {
        const frame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0);
        return () => {
          const frames = new zstd.ZstdFrames();
          for (let at = 0; at < size; at += 1) frames.push(frame);
        };
      },
    ],
    [
      "records and names of a tar",
      40,
      (size) => {
        const records = new TextEncoder().encode(list(size, () => "6 a=b\n").join(""));
        return () => {
          tarHeader.readPaxRecords(records, new Map());
          tarHeader.readLongName(records);
        };
      },
    ],
    [
      "the files of layers that overwrite and hide each other",
      20,
      (size) => {
        const layer = (name: string) =>
          tarArchive.renderTar(
            list(size, (index) => ({ path: `var/lib/apt/lists/${name}${index}`, content: new Uint8Array(1) })),
          );
        const tars = [layer("a"), layer("a"), layer(".wh.a"), layer("b")];
        return () => {
          const ledger = new ledgers.FileLedger();
          for (const [at, tar] of tars.entries()) {
            ledger.begin(at);
            for (const entry of new tarEntries.TarEntries().push(tar)) ledger.add(entry);
            ledger.end();
          }
          described.describeFiles(ledger, new Set([3]), []);
        };
      },
    ],
    ["a size", 200, (size) => () => list(size, (index) => bytes.parseBytes(`${index}.5MB${" ".repeat(index)}`))],
    [
      "the layers of a manifest and a config",
      40,
      (size) => {
        const layers = placed(size, "a");
        const config = { mediaType: "c", digest: digestOf("c"), size: 1 };
        const manifest = { schemaVersion: 2, mediaType: "m", config, layers } as const;
        const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) } as const;
        const history = layers.map(() => ({ created_by: "RUN /bin/sh -c a # buildkit" }));
        return () => imageLayers.readImageLayers(manifest, { architecture: "a", os: "b", rootfs, history });
      },
    ],
    [
      "two images with layers of one instruction",
      40,
      (size) => {
        const [before, after] = [placed(size, "a"), placed(size, "b")];
        return () => comparison.compareLayers({ base: none, layers: before }, { base: none, layers: after });
      },
    ],
    [
      "the lines of layers",
      40,
      (size) => {
        const dockerfile = parsing.parseDockerfile(`FROM a\n${"RUN a\n".repeat(size)}`, "Dockerfile");
        const layers = list(size + 1, () => "RUN a");
        return () => places.findPlaces(layers, dockerfile, undefined);
      },
    ],
    [
      "images with their layers",
      20,
      (size) => {
        const images = list(4, () => image(size));
        const texts = list(size, (index) => `a ${index}`);
        return () => rendering.renderLayers({ version: 1, images, over: texts, notes: texts }, style);
      },
    ],
  ];
}
