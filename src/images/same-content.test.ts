import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { emptyConfig, type ImageConfig, type Manifest, mediaType } from "../model/oci.ts";
import { type ImageContent, sameContent } from "./same-content.ts";

const gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";
const config: ImageConfig = {
  architecture: "amd64",
  os: "linux",
  created: "2026-01-01T00:00:00Z",
  config: {
    Env: ["PATH=/bin"],
    Cmd: ["serve"],
    Labels: {
      "org.opencontainers.image.revision": "a",
      "org.opencontainers.image.source": "https://example.test",
      team: "x",
    },
  },
  rootfs: { type: "layers", diff_ids: ["sha256:aa", "sha256:bb"] },
  history: [{ created: "2026-01-01T00:00:00Z", created_by: "COPY . ." }],
};

function image(changes: Partial<ImageConfig> = {}, layer = { type: gzipLayer, content: "compressed" }): ImageContent {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: emptyConfig.descriptor,
    layers: [{ mediaType: layer.type, digest: digestOf(layer.content), size: layer.content.length }],
  };
  return { manifest, config: { ...config, ...changes } };
}

function labelled(labels: Record<string, string>): Partial<ImageConfig> {
  return { config: { ...config.config, Labels: { ...config.config?.Labels, ...labels } } };
}

test.each<[string, ImageContent]>([
  ["itself", image()],
  [
    "built later",
    image({ created: "2026-02-02T00:00:00Z", history: [{ created_by: "COPY . .", created: "2026-02-02T00:00:00Z" }] }),
  ],
  [
    "built from another commit",
    image(labelled({ "org.opencontainers.image.revision": "b", "org.opencontainers.image.version": "2" })),
  ],
  ["with other labels of Slipway's", image(labelled({ "dev.slipway.fingerprint": "sha256:00" }))],
  ["with inline cache", image({ "moby.buildkit.cache.v0": "AAAA" })],
  ["compressed to other bytes", image({}, { type: gzipLayer, content: "compressed otherwise" })],
  ["with keys in another order", image({ config: Object.fromEntries(Object.entries(config.config ?? {}).reverse()) })],
])("an image is the same as one %s", (_, other) => {
  expect(sameContent(image(), other)).toBe(true);
});

test.each<[string, ImageContent]>([
  ["with another layer", image({ rootfs: { type: "layers", diff_ids: ["sha256:aa", "sha256:cc"] } })],
  ["with its layers in another order", image({ rootfs: { type: "layers", diff_ids: ["sha256:bb", "sha256:aa"] } })],
  [
    "with layers in another format",
    image({}, { type: "application/vnd.oci.image.layer.v1.tar+zstd", content: "compressed" }),
  ],
  ["with another environment", image({ config: { ...config.config, Env: ["PATH=/usr/bin"] } })],
  ["with another command", image({ config: { ...config.config, Cmd: ["migrate"] } })],
  ["with another label of the user's", image(labelled({ team: "y" }))],
  ["with another source", image(labelled({ "org.opencontainers.image.source": "https://other.test" }))],
  ["for another platform", image({ architecture: "arm64" })],
  ["made by other instructions", image({ history: [{ created_by: "COPY src ." }] })],
])("an image is not the same as one %s", (_, other) => {
  expect(sameContent(image(), other)).toBe(false);
});

test("an image is not the same as one with other annotations", () => {
  const { manifest, config: own } = image();
  expect(sameContent(image(), { manifest: { ...manifest, annotations: { team: "x" } }, config: own })).toBe(false);
});

test("a label that the user set counts, also one that Slipway would set", () => {
  const key = "org.opencontainers.image.version";
  const [one, two] = [image(labelled({ [key]: "1" })), image(labelled({ [key]: "2" }))];
  expect(sameContent(one, two)).toBe(true);
  expect(sameContent(one, two, { [key]: "2" })).toBe(false);
});
