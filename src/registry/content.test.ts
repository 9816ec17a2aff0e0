import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { parseImageConfig, parseIndex, parseManifest, readContent } from "./content.ts";

const digest = digestOf("x");
const layer = { mediaType: "layer", digest, size: 1 };
const read = (value: unknown): ReturnType<typeof readContent> =>
  readContent(new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)));

test("a manifest names its configuration, layers and subject; an index its manifests", () => {
  const content = read({ config: layer, layers: [layer], subject: layer, artifactType: "a", annotations: { b: "c" } });
  expect(content).toEqual({
    manifests: [],
    config: layer,
    layers: [layer],
    subject: layer,
    artifactType: "a",
    annotations: { b: "c" },
  });
  expect(read({ manifests: [layer] })?.manifests).toEqual([layer]);
});

test("what is not understood of a descriptor is kept", () => {
  const odd = {
    ...layer,
    urls: ["https://a.test"],
    platform: { os: "windows", architecture: "amd64", "os.version": "10" },
  };
  expect(read({ manifests: [odd] })?.manifests).toEqual([odd]);
});

test.each([
  "no JSON",
  "[]",
  { layers: "none" },
  { layers: [{ ...layer, digest: "md5:1" }] },
  { manifests: [layer, null] },
  { manifests: [{ ...layer, annotations: { a: 1 } }] },
  { manifests: [{ ...layer, platform: "linux" }] },
  { config: {} },
])("%j is no content", (value) => {
  expect(read(value)).toBeUndefined();
});

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test.each([
  ["an index", { schemaVersion: 2, manifests: [layer] }, "index"],
  ["an index without entries", { schemaVersion: 2, manifests: [] }, "index"],
  ["a manifest", { schemaVersion: 2, config: layer, layers: [layer] }, "manifest"],
  ["a manifest without layers", { schemaVersion: 2, config: layer }, "neither"],
  ["a manifest without a configuration", { schemaVersion: 2, config: null, layers: [] }, "neither"],
  ["an index of nothing", { schemaVersion: 2, manifests: null }, "neither"],
  ["an index whose annotations are no texts", { manifests: [], annotations: { a: 1 } }, "neither"],
  ["an index with a size below nothing", { manifests: [{ ...layer, size: -1 }] }, "neither"],
  ["a manifest whose subject is none", { config: layer, layers: [], subject: {} }, "neither"],
  ["a list", [], "neither"],
  ["nothing", null, "neither"],
])("%s is read as one thing only: %j", (_, value, kind) => {
  expect(parseIndex(bytesOf(value)) !== undefined).toBe(kind === "index");
  expect(parseManifest(bytesOf(value)) !== undefined).toBe(kind === "manifest");
});

test("a configuration keeps what is not understood, and its nulls mean that there is nothing", () => {
  const written = {
    architecture: "amd64",
    os: "linux",
    config: { Env: ["A=b"], OnBuild: null, Labels: null, Entrypoint: ["/x"] },
    rootfs: { type: "layers", diff_ids: null },
    history: null,
    "moby.buildkit.buildinfo.v1": "x",
  };
  expect(parseImageConfig(bytesOf(written))).toEqual({
    architecture: "amd64",
    os: "linux",
    config: { Env: ["A=b"], Entrypoint: ["/x"] },
    rootfs: { type: "layers", diff_ids: [] },
    "moby.buildkit.buildinfo.v1": "x",
  });
});

test.each([
  null,
  [],
  { config: [] },
  { config: { Env: "A=b" } },
  { config: { Env: [null] } },
  { config: { Labels: { a: 1 } } },
  { config: { WorkingDir: 1 } },
  { config: { OnBuild: {} } },
  { rootfs: "layers" },
  { rootfs: { diff_ids: [1] } },
  { history: [null] },
  { architecture: 1 },
])("%j is no configuration", (value) => {
  expect(parseImageConfig(bytesOf(value))).toBeUndefined();
});
