import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { renderLayoutArchive } from "./layout-archive.ts";

test("a layout's archive is read by tar: its index names the image, and each blob lies under its digest", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-layout-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const index = Buffer.from('{"manifests":[]}');
  const blob = Buffer.alloc(1024, "x");
  const digest = digestOf(index);
  const image = { name: "reg.test/api:1", mediaType: "application/vnd.oci.image.index.v1+json", digest, size: 16 };
  execFileSync("tar", ["-xf", "-", "-C", folder], { input: renderLayoutArchive(image, [index, blob]) });
  const read = (path: string): Buffer => readFileSync(join(folder, path));
  expect(JSON.parse(read("oci-layout").toString())).toEqual({ imageLayoutVersion: "1.0.0" });
  expect(JSON.parse(read("index.json").toString())).toEqual({
    schemaVersion: 2,
    manifests: [
      { mediaType: image.mediaType, digest, size: 16, annotations: { "io.containerd.image.name": "reg.test/api:1" } },
    ],
  });
  for (const bytes of [index, blob])
    expect(read(`blobs/${digestOf(bytes).replace(":", "/")}`).equals(bytes)).toBe(true);
});
