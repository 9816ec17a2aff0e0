import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readRecording } from "../../src/buildkit/testing/fixtures.ts";
import { SlipwayError } from "../../src/errors.ts";
import type { Host, ProcessResult, RunOptions } from "../../src/host.ts";
import { type Descriptor, type ImageConfig, type Manifest, mediaType, type RawManifest } from "../../src/model/oci.ts";
import { type ImageName, parseReference } from "../../src/model/reference.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { makeRawManifest } from "../../src/images/artifact.ts";

const inspected = `Name:          default
Driver:        docker
Last Activity: 2026-01-01 00:00:00 +0000 UTC

Nodes:
Name:             default
Endpoint:         default
Status:           running
BuildKit version: v0.25.1
Platforms:        linux/amd64, linux/arm64
Labels:
 org.mobyproject.buildkit.worker.containerd.namespace: moby
`;

/**
 * `docker buildx` with a builder that has no engine: `build` pushes an image whose one layer is the context it was handed, so
 * that equal contexts give equal images, and a Dockerfile with `RUN false` fails. Its progress is what buildx once wrote.
 */
export function makePushingDocker(registry: Registry): Host["run"] {
  return async (program, args, options = {}) => {
    if (program !== "docker") throw new SlipwayError("unavailable", `running ${program}: it is not there`);
    if (args[0] === "buildx" && args[1] === "inspect") return ended(0, inspected);
    if (args[0] === "buildx" && args[1] === "build") return build(registry, args, options);
    return ended(1, "");
  };
}

async function build(registry: Registry, args: readonly string[], options: RunOptions): Promise<ProcessResult> {
  const dockerfile = await readFile(valueOf(args, "--file"), "utf8");
  const fails = /^RUN false$/m.test(dockerfile);
  for (const line of readRecording(fails ? "failed-run" : "built")) options.onStderrLine?.(line);
  if (fails) return ended(1, "");
  const [, pushed = ""] = /(?:^|,)name=([^,]+)/.exec(valueOf(args, "--output")) ?? [];
  const reference = parseReference(pushed);
  if (reference?.tag === undefined) throw new Error(`"${pushed}" is not what buildx pushes to`);
  const image = await pushImage(registry, reference.name, await contentOf(args.at(-1) ?? "", dockerfile));
  await registry.putManifest(reference.name, reference.tag, image);
  await writeFile(valueOf(args, "--metadata-file"), JSON.stringify({ "containerimage.digest": image.digest }));
  return ended(0, "");
}

/** Pushes an image for linux/amd64 with one layer. */
export async function pushImage(registry: Registry, name: ImageName, content: Uint8Array): Promise<RawManifest> {
  const layer = await registry.putBlob(name, content);
  const config: ImageConfig = {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  };
  const put = await registry.putBlob(name, new TextEncoder().encode(JSON.stringify(config)));
  const described: Descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer };
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: mediaType.ociConfig, ...put },
    layers: [described],
  };
  const raw = makeRawManifest(manifest);
  await registry.putManifest(name, raw.digest, raw);
  return raw;
}

/** Paths and contents of the context, and the Dockerfile: what an image would be made of. */
async function contentOf(folder: string, dockerfile: string): Promise<Uint8Array> {
  const hash = createHash("sha256").update(dockerfile);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(`${file.slice(folder.length)}\0`).update(await readFile(file));
  return hash.digest();
}

function valueOf(args: readonly string[], flag: string): string {
  const at = args.indexOf(flag);
  const value = at < 0 ? undefined : args[at + 1];
  if (value === undefined) throw new Error(`docker was run without ${flag}: ${args.join(" ")}`);
  return value;
}

function ended(exitCode: number, stdout: string): ProcessResult {
  return { exitCode, stdout: new TextEncoder().encode(stdout), stderr: "" };
}
