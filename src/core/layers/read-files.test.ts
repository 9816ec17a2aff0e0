import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { runCli } from "../../cli/program.ts";
import { renderTar } from "../../formats/tar-archive.ts";
import { layers } from "../../index.ts";
import type { ImageLayers } from "../../model/layers-document.ts";
import { makeShop, type Shop } from "../testing/shop.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar";

function tarOf(path: string, size: number): Uint8Array {
  return renderTar([{ path, content: new Uint8Array(size) }]);
}

/** A world that released an image of these layers, written by `COPY index.html /` and RUNs of one line each. */
async function releaseOf(contents: readonly (readonly [content: Uint8Array, mediaType: string])[]): Promise<Shop> {
  const lines = contents.slice(1).map((_, at) => `RUN step ${at + 1}\n`);
  const world = await makeShop({ "web/Dockerfile": `FROM scratch\nCOPY index.html /\n${lines.join("")}` });
  const made = contents.map(([content, mediaType], at) => ({
    content,
    mediaType,
    createdBy: at === 0 ? "COPY index.html / # buildkit" : `RUN /bin/sh -c step ${at} # buildkit`,
  }));
  world.docker.plan = ({ service }) => (service === "web" ? { layers: made } : undefined);
  await world.release({ version: "1.0.0" });
  return world;
}

async function look(world: Shop): Promise<ImageLayers["files"]> {
  const { images } = await layers({ services: ["web"], files: true, host: world.host() });
  return images[0]?.files ?? null;
}

describe("slipway layers --files", () => {
  test("reads gzip, zstd and plain layers by their bytes, whatever their media types say", async () => {
    const frames = tarOf("c", 3000);
    const world = await releaseOf([
      [gzipSync(tarOf("a", 1000)), `${layerType}+gzip`],
      [zstdCompressSync(tarOf("a", 2000)), `${layerType}+zstd`],
      [tarOf("b", 500), `${layerType}+gzip`],
      [
        Buffer.concat([zstdCompressSync(frames.subarray(0, 700)), zstdCompressSync(frames.subarray(700))]),
        `${layerType}+zstd`,
      ],
      [Buffer.concat([gzipSync(frames.subarray(0, 700)), gzipSync(frames.subarray(700))]), `${layerType}+gzip`],
    ]);
    expect(await look(world)).toMatchObject({
      wastedBytes: 4000,
      wasted: [
        { path: "/c", size: 3000, layer: 3, how: "overwritten", by: 4 },
        { path: "/a", size: 1000, layer: 0, how: "overwritten", by: 1 },
      ],
      largest: [{ path: "/c", layer: 4 }, { path: "/a", size: 2000 }, { path: "/b" }],
      unread: [],
    });
  });

  test.each<[string, Uint8Array, string, RegExp, boolean]>([
    [
      "encrypted",
      tarOf("b", 1),
      `${layerType}+gzip+encrypted`,
      /^it is encrypted \(application.*\+encrypted\)$/,
      false,
    ],
    [
      "foreign",
      tarOf("b", 1),
      "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      /^it is not in this registry \(/,
      false,
    ],
    [
      "no tar",
      Buffer.from("hello ".repeat(200)),
      `${layerType}+gzip`,
      /^it is no tar that can be read: at byte 0 /,
      true,
    ],
    [
      "damaged gzip",
      gzipSync(tarOf("b", 100_000)).subarray(0, 90),
      `${layerType}+gzip`,
      /^it cannot be decompressed: /,
      true,
    ],
    [
      "damaged zstd",
      zstdCompressSync(Buffer.from("a".repeat(9000))).fill(1, 8),
      `${layerType}+zstd`,
      /^it (cannot be decompressed|is no tar)/,
      true,
    ],
  ])("names a layer that is %s, and looks into the others", async (_, content, mediaType, because, isFault) => {
    const world = await releaseOf([
      [gzipSync(tarOf("a", 1000)), `${layerType}+gzip`],
      [content, mediaType],
      [gzipSync(tarOf("a", 1)), `${layerType}+gzip`],
    ]);
    const files = await look(world);
    expect(files).toMatchObject({ wastedBytes: 1000, diveEfficiency: null, unread: [{ layer: 1, isFault }] });
    expect(files?.unread[0]?.because).toMatch(because);
    const host = world.host();
    expect(await runCli(host, ["layers", "web", "--files"])).toBe(isFault ? 1 : 0);
    expect(host.printed.stdout).toContain("not read: layer 2 (web/Dockerfile:3): it ");
  });

  test("says from which line of the Dockerfile to remove what", async () => {
    const world = await releaseOf([
      [gzipSync(tarOf("app", 10)), `${layerType}+gzip`],
      [gzipSync(tarOf("var/lib/apt/lists/index", 5_000_000)), `${layerType}+gzip`],
      [gzipSync(renderTar([{ path: ".wh.app" }])), `${layerType}+gzip`],
    ]);
    const host = world.host();
    await runCli(host, ["layers", "web", "--files"]);
    expect(host.printed.stdout).toContain("apt: 1 file from web/Dockerfile:3; end the same RUN with");
    expect(host.printed.stdout).toMatch(/10 B {2}\/app {2}web\/Dockerfile:2, deleted by web\/Dockerfile:4/);
  });

  test("ends with the registry's fault where a layer is gone", async () => {
    const world = await releaseOf([[gzipSync(tarOf("a", 1000)), `${layerType}+gzip`]]);
    const { images } = await layers({ services: ["web"], host: world.host() });
    const gone = images[0]?.layers[0]?.digest ?? "";
    const host = world.host();
    const fetch: typeof host.fetch = (input, init) =>
      input.endsWith(gone) ? Promise.resolve(new Response(null, { status: 404 })) : host.fetch(input, init);
    const looking = layers({ services: ["web"], files: true, host: { ...host, fetch } });
    await expect(looking).rejects.toThrow(/reading reg\.test\/shop\/web@sha256:\w+: the registry has no such blob/);
  });
});
