import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, renameSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** A layer on disk: the compressed file's digest and size, and the digest of the tar inside (image-spec: DiffID). */
export interface Layer {
  readonly file: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
}

/** The part of an image's configuration that a look-alike base sets. */
export interface ImageConfig {
  readonly Env: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

/** Layers and images are dated so: the same files give the same digests. */
const created = "2026-10-01T00:00:00Z";

/** Packs what `tar` is told to read as a layer in `folder`; entries sorted, owned by root, dated {@link created}. */
export async function packLayer(folder: string, name: string, tarArgs: readonly string[]): Promise<Layer> {
  mkdirSync(folder, { recursive: true });
  const fixed = ["--sort=name", `--mtime=${created}`, "--owner=0", "--group=0", "--numeric-owner", "--format=posix"];
  const headers = "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime";
  const tar = spawn("tar", [...fixed, headers, "-c", ...tarArgs], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once("error", reject);
    tar.once("close", resolve);
  });
  const inner = createHash("sha256");
  const outer = createHash("sha256");
  const unnamed = join(folder, `${name}.partial`);
  const gzip = createGzip({ level: 1 });
  tar.stdout.on("data", (chunk: Buffer) => inner.update(chunk));
  gzip.on("data", (chunk: Buffer) => outer.update(chunk));
  const [exitCode] = await Promise.all([ended, pipeline(tar.stdout, gzip, createWriteStream(unnamed))]);
  if (exitCode !== 0) throw new Error(`packing the layer ${name}: tar ended with ${String(exitCode)}`);
  const file = join(folder, `${name}.tar.gz`);
  renameSync(unnamed, file);
  const [digest, diffId] = [`sha256:${outer.digest("hex")}`, `sha256:${inner.digest("hex")}`];
  return { file, digest, diffId, size: statSync(file).size };
}

/** Pushes an image for one platform, as an index of one, under several tags. */
export async function pushImage(
  registry: string,
  image: { name: string; tags: readonly string[]; layers: readonly Layer[]; config: ImageConfig; architecture: string },
): Promise<void> {
  const { name, tags, layers, architecture } = image;
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: "linux",
      created,
      config: image.config,
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created, created_by: "slipway sandbox: look-alike made from packages" })),
    }),
  );
  await Promise.all([
    pushBlob(registry, name, digestOf(config), () => Promise.resolve(config)),
    ...layers.map((layer) => pushBlob(registry, name, layer.digest, () => readFile(layer.file))),
  ]);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
      layers: layers.map(({ digest, size }) => ({ mediaType: layerType, digest, size })),
    }),
  );
  await putManifest(registry, name, digestOf(manifest), manifestType, manifest);
  const index = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [
        {
          mediaType: manifestType,
          digest: digestOf(manifest),
          size: manifest.length,
          platform: { os: "linux", architecture },
        },
      ],
    }),
  );
  for (const tag of tags) await putManifest(registry, name, tag, indexType, index);
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function pushBlob(registry: string, name: string, digest: string, read: () => Promise<Buffer>): Promise<void> {
  const base = `http://${registry}/v2/${name}/blobs`;
  if ((await fetch(`${base}/${digest}`, { method: "HEAD" })).ok) return;
  const opened = await fetch(`${base}/uploads/`, { method: "POST" });
  const place = new URL(opened.headers.get("location") ?? "", base);
  place.searchParams.set("digest", digest);
  const bytes = await read();
  const headers = { "content-type": "application/octet-stream" };
  await expectOk(`pushing a blob of ${name}`, fetch(place, { method: "PUT", headers, body: new Uint8Array(bytes) }));
}

async function putManifest(
  registry: string,
  name: string,
  reference: string,
  type: string,
  body: Buffer,
): Promise<void> {
  const url = `http://${registry}/v2/${name}/manifests/${reference}`;
  const put = fetch(url, { method: "PUT", headers: { "content-type": type }, body: new Uint8Array(body) });
  await expectOk(`pushing ${name}:${reference}`, put);
}

async function expectOk(doing: string, request: Promise<Response>): Promise<void> {
  const response = await request;
  if (!response.ok) throw new Error(`${doing}: ${response.status} ${(await response.text()).slice(0, 300)}`);
}
