import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { digestHex, digestOf, type Digest } from "../../model/digest.ts";
import { parsePlatform, type Platform } from "../../model/platform.ts";
import { readLayoutContext } from "./layout-context.ts";

const platform = (text: string): Platform => parsePlatform(text) ?? expect.unreachable();

interface Layout {
  readonly cwd: string;
  /** Of the index and of each platform's image. */
  readonly digests: Readonly<Record<"index" | "linux/amd64" | "linux/arm64", Digest>>;
}

/** A layout in the folder `base` with an image for two platforms, listed under these names. */
function writeLayout(names: readonly string[]): Layout {
  const cwd = mkdtempSync(join(tmpdir(), "slipway-layout-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const blobs = join(cwd, "base/blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (value: unknown): { digest: Digest; size: number } => {
    const text = JSON.stringify(value);
    writeFileSync(join(blobs, digestHex(digestOf(text))), text);
    return { digest: digestOf(text), size: text.length };
  };
  const image = (architecture: string): { digest: Digest; size: number } => {
    const rootfs = { type: "layers", diff_ids: [] };
    const config = put({ os: "linux", architecture, config: { Env: [`ARCH=${architecture}`] }, rootfs });
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    return put({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: [],
    });
  };
  const [amd64, arm64] = [image("amd64"), image("arm64")];
  const listed = (of: typeof amd64, architecture: string): unknown => ({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    ...of,
    platform: { os: "linux", architecture },
  });
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const index = put({ schemaVersion: 2, mediaType, manifests: [listed(amd64, "amd64"), listed(arm64, "arm64")] });
  const manifests = names.map((name) => ({
    mediaType,
    ...index,
    annotations: { "org.opencontainers.image.ref.name": name },
  }));
  writeFileSync(join(cwd, "base/index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  return { cwd, digests: { index: index.digest, "linux/amd64": amd64.digest, "linux/arm64": arm64.digest } };
}

test.each([
  ["a tag", ["v1", "v2"], "oci-layout://base:v1"],
  ["no tag, which is latest", ["latest", "v2"], "oci-layout://./base"],
  ["another tag, of the only image", ["v1"], "oci-layout://base:other"],
])("a layout's image is found by %s", async (_by, names, value) => {
  const { cwd, digests } = writeLayout(names);
  for (const name of ["linux/amd64", "linux/arm64"] as const) {
    const image = await readLayoutContext(cwd, value, platform(name));
    expect(image).toMatchObject({ digest: digests[name], config: { env: { ARCH: name.slice("linux/".length) } } });
    expect(image.pin).toBe(`oci-layout://${join(cwd, "base")}@${digests.index}`);
  }
});

test("a layout's image is found by its digest, whatever the tag", async () => {
  const { cwd, digests } = writeLayout(["v1", "v2"]);
  const value = `oci-layout://${cwd}/base:none@${digests["linux/arm64"]}`;
  expect(await readLayoutContext(cwd, value, platform("linux/arm64"))).toMatchObject({
    digest: digests["linux/arm64"],
  });
});

test.each([
  ["that has no such image", "oci-layout://base:none", 'the OCI layout "base" has no image called "none"'],
  ["that is not there", "oci-layout://gone", "reading the OCI layout"],
])("a layout %s is named", async (_what, value, message) => {
  const { cwd } = writeLayout(["v1", "v2"]);
  await expect(readLayoutContext(cwd, value, platform("linux/amd64"))).rejects.toThrow(message);
});
