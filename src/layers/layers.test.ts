import { describe, expect, test } from "vitest";
import { parseDockerfile } from "../dockerfile/syntax/parse.ts";
import { digestOf } from "../model/digest.ts";
import type { ImageLayers } from "../model/layers-document.ts";
import type { ImageConfig, Manifest } from "../model/oci.ts";
import { makePlatform } from "../model/platform.ts";
import { compareLayers } from "./compare-layers.ts";
import { findBase } from "./find-base.ts";
import { findPlaces } from "./find-places.ts";
import { readImageLayers, sizeOfMissing } from "./image-layers.ts";
import { imagesOver } from "./limits.ts";
import { readInstruction } from "./read-instruction.ts";

describe("the instruction of a layer", () => {
  test.each([
    ["RUN /bin/sh -c npm ci # buildkit", "RUN npm ci"],
    ["RUN |2 A=1 B=2 /bin/sh -c npm ci # buildkit", "RUN npm ci"],
    ["RUN /bin/bash -eo pipefail -c curl x | tar x # buildkit", "RUN curl x | tar x"],
    ["RUN /usr/bin/tool --install # buildkit", "RUN /usr/bin/tool --install"],
    [
      "RUN /bin/sh -c apt-get update &&     apt-get install -y curl # buildkit",
      "RUN apt-get update && apt-get install -y curl",
    ],
    ["COPY --chown=node:node src /src # buildkit", "COPY --chown=node:node src /src"],
    [`/bin/sh -c #(nop) COPY dir:${"0".repeat(64)} in /app `, "COPY dir in /app"],
    ["/bin/sh -c #(nop) ADD file:" + "a".repeat(64) + " in / ", "ADD file in /"],
    ["|1 A=1 /bin/sh -c make", "RUN make"],
    ["/bin/sh -c apt-get update", "RUN apt-get update"],
    [
      "# debian.sh --arch 'amd64' out/ 'trixie' '@1768176000'",
      "# debian.sh --arch 'amd64' out/ 'trixie' '@1768176000'",
    ],
    ["bazel build //app", "bazel build //app"],
    ["", ""],
    ["# buildkit", ""],
    ["RUN |999999999 a", "RUN |999999999 a"],
  ])("%s", (written, read) => {
    expect(readInstruction(written)).toBe(read);
  });
});

describe("the layers of an image", () => {
  const layers = ["a", "b"].map((text) => ({ mediaType: "t", digest: digestOf(text), size: 10 }));
  const config = { mediaType: "c", digest: digestOf("config"), size: 3 };
  const manifest: Manifest = { schemaVersion: 2, mediaType: "m", config, layers };
  const configOf = (history: ImageConfig["history"]): ImageConfig => ({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: ["x", "y"] },
    ...(history === undefined ? {} : { history }),
  });

  test("have the instructions of the history, past those that made no layer", () => {
    const history = [
      { created_by: "ADD rootfs.tar /" },
      { created_by: "ENV A=b", empty_layer: true },
      { created_by: "RUN /bin/sh -c make # buildkit" },
    ];
    expect(
      readImageLayers(manifest, configOf(history)).map(({ instruction, diffId }) => [instruction, diffId]),
    ).toEqual([
      ["ADD rootfs.tar /", "x"],
      ["RUN make", "y"],
    ]);
  });

  test.each([
    ["there is none", undefined],
    ["it has another number of layers", [{ created_by: "RUN a" }]],
    ["it says nothing", [{}, {}]],
  ])("have no instruction where the history cannot say it: %s", (_, history) => {
    expect(readImageLayers(manifest, configOf(history)).map(({ instruction }) => instruction)).toEqual([null, null]);
  });

  test("count once for a node, and not at all where the node has them", () => {
    const twice = [...layers, ...layers];
    expect(sizeOfMissing(twice, new Set())).toBe(20);
    expect(sizeOfMissing(twice, new Set([digestOf("a")]))).toBe(10);
  });
});

describe("the base of an image", () => {
  const layer = (digest: string, diffId: string | null = null) => ({ digest: digestOf(digest), diffId });
  const image = ["a", "b", "c", "d"].map((text) => ({
    ...layer(text, `diff ${text}`),
    mediaType: "t",
    size: 1,
    instruction: null,
  }));
  const candidate = (reference: string, layers: readonly ReturnType<typeof layer>[]) => ({
    reference,
    digest: digestOf(reference),
    layers,
  });

  test.each([
    ["is the candidate with the most layers at its bottom", ["a", "b"], "longer"],
    ["is not one with layers elsewhere", ["b", "c"], "short"],
    ["is not one with more layers than the image", ["a", "b", "c", "d", "e"], "short"],
    ["is not one with its layers in another order", ["b", "a"], "short"],
    ["is not the empty image", [], "short"],
  ])("%s", (_, layers, found) => {
    const candidates = [
      candidate("short", [layer("a")]),
      candidate(
        "longer",
        layers.map((each) => layer(each)),
      ),
    ];
    expect(findBase(image, candidates)?.reference).toBe(found);
  });

  test("is found by the uncompressed layers where the exporter wrote them anew", () => {
    const zstd = candidate("zstd", [layer("other", "diff a"), layer("another", "diff b")]);
    expect(findBase(image, [zstd])?.reference).toBe("zstd");
  });

  test("is none where no candidate fits", () => {
    expect(findBase(image, [candidate("other", [layer("z")])])).toBeUndefined();
    expect(findBase(image, [])).toBeUndefined();
  });
});

describe("growth by instruction", () => {
  const own = (instruction: string | null, size: number, content = `${size}`) => ({
    instruction,
    size,
    origin: "own" as const,
    digest: digestOf(`${instruction ?? ""} ${content}`),
  });
  const ofBase = (content: string, size: number) => ({
    instruction: "ADD rootfs",
    size,
    origin: "base" as const,
    digest: digestOf(content),
  });
  const none = { kind: "none" } as const;
  const base = { kind: "image", reference: "debian:13", digest: digestOf("debian"), layers: 2 } as const;

  test("pairs equal instructions in their order, with the largest change first", () => {
    const before = { base: none, layers: [own("RUN a", 1), own("RUN b", 10), own("RUN b", 20), own("COPY c", 5)] };
    const after = {
      base: none,
      layers: [own("RUN b", 11), own("RUN b", 20), own("RUN new", 100), own("COPY c", 5, "x")],
    };
    expect(compareLayers(before, after)).toEqual([
      { instruction: "RUN new", origin: "own", before: null, after: 100 },
      { instruction: "RUN b", origin: "own", before: 10, after: 11 },
      { instruction: "RUN a", origin: "own", before: 1, after: null },
      { instruction: "COPY c", origin: "own", before: 5, after: 5 },
    ]);
  });

  test("takes the layers of a base together", () => {
    const before = { base, layers: [ofBase("1", 10), ofBase("2", 20), own("RUN a", 1)] };
    const after = { base, layers: [ofBase("1", 10), ofBase("3", 25), own("RUN a", 1)] };
    expect(compareLayers(before, after)).toEqual([{ instruction: "debian:13", origin: "base", before: 30, after: 35 }]);
  });

  test("is nothing for equal layers", () => {
    const image = { base, layers: [ofBase("1", 10), own(null, 3)] };
    expect(compareLayers(image, image)).toEqual([]);
  });
});

describe("the line of a layer", () => {
  const dockerfile = parseDockerfile(
    `FROM node:24 AS deps
RUN npm ci
FROM deps AS build
COPY --link src /src
RUN --mount=type=cache,target=/c \\
    make \\
    all
FROM deps
WORKDIR /app
COPY --from=build --chown=1:1 /out \${HOME}/out
`,
    "Dockerfile",
  );

  test.each<[string, (string | null)[], string | undefined, (number | null)[]]>([
    [
      "follows the stages that the target starts from",
      ["RUN npm ci", "WORKDIR /app", "COPY /out /home/out"],
      undefined,
      [2, null, 10],
    ],
    ["takes the target by its name", ["RUN npm ci", "COPY src /src", "RUN make all"], "BUILD", [2, 4, 5]],
    [
      "is found by the text where the Dockerfile is another one",
      ["RUN gone", "RUN npm ci", "COPY --link src /src"],
      "build",
      [null, 2, 4],
    ],
    ["is not known for an instruction that is not there", ["RUN gone", null], undefined, [null, null]],
    [
      "is not one before that of the layer below",
      ["RUN make all", "RUN npm ci", "RUN x", "RUN y"],
      "build",
      [5, null, null, null],
    ],
  ])("%s", (_, instructions, target, lines) => {
    expect(findPlaces(instructions, dockerfile, target)).toEqual(lines);
  });
});

describe("limits", () => {
  const image = (size: number, growth: number | null): ImageLayers => ({
    service: "api",
    platform: makePlatform({ os: "linux", architecture: "amd64" }),
    release: "1.1.0",
    image: "x",
    size,
    base: { kind: "none" },
    layers: [],
    files: null,
    growth:
      growth === null ? null : { since: "1.0.0", bytes: growth, pull: { ofService: 0, ofRelease: 0 }, changes: [] },
  });
  const percent = { kind: "percent", percent: 10 } as const;

  test.each([
    [image(100, null), 99, undefined, ["api linux/amd64 has 100 B, more than 99 B"]],
    [image(100, null), 100, undefined, []],
    [image(100, null), undefined, percent, []],
    [image(110, 10), undefined, percent, []],
    [image(111, 11), undefined, percent, ["api linux/amd64 grew by 11 B since 1.0.0, more than 10 %"]],
    [image(90, -10), undefined, { kind: "bytes", bytes: 0 } as const, []],
    [
      image(90, 1),
      1,
      { kind: "bytes", bytes: 0 } as const,
      ["api linux/amd64 has 90 B, more than 1 B", "api linux/amd64 grew by 1 B since 1.0.0, more than 0 B"],
    ],
  ])("%# are exceeded, or not", (given, maxSize, maxGrowth, over) => {
    expect(imagesOver([given], { maxSize, maxGrowth })).toEqual(over);
  });
});
