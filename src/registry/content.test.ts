import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { readContent } from "./content.ts";

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
