import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { ProcessResult, RunOptions } from "../../host.ts";
import { type Digest, digestHex, digestOf } from "../../model/digest.ts";
import { attestationAnnotations, type Descriptor, mediaType, type RawManifest } from "../../model/oci.ts";
import { type Platform, parsePlatform, platformObject } from "../../model/platform.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";
import { makeRawManifest } from "../../images/artifact.ts";

/** One call of `docker buildx build`. */
export interface Solve {
  readonly args: readonly string[];
  readonly service: string;
  readonly platform: Platform;
  /** Everything that the image is made of, as JSON: files of the context, Dockerfile, args, named contexts, platform. */
  readonly content: string;
  readonly signal: AbortSignal;
}

/** Outcome that a test prescribes for a solve; undefined: it succeeds. */
export interface SolvePlan {
  /** Fails with exit code 1 and this text on standard error. */
  readonly fail?: { readonly says: string };
  /** Content of the image; default: all inputs, so that other inputs give another image. */
  readonly holds?: string;
  /** Layers of the image, from the lowest up; default: one, of the content. */
  readonly layers?: readonly TestLayer[];
  /** Delays the solve until this promise settles. */
  readonly after?: Promise<unknown>;
}

/** A fake `docker` with buildx: makes images from their inputs and pushes them or writes them into folders. */
export interface Engine {
  run(args: readonly string[], options: RunOptions, signal: AbortSignal): Promise<ProcessResult>;
  /** All solves, in the order in which they started. */
  readonly solves: Solve[];
}

export function makeEngine(registry: () => Registry, planOf: (solve: Solve) => SolvePlan | undefined): Engine {
  const solves: Solve[] = [];
  return {
    solves,
    run: async (args, options, signal) => {
      // Reports no plugin, because this fake is docker and buildx in one.
      if (args[0] === "info") return { ...printed(""), exitCode: 1 };
      if (args[1] === "inspect") return printed(builder);
      const solve = readSolve(args, signal);
      solves.push(solve);
      const plan = planOf(solve) ?? {};
      if (plan.after !== undefined) await Promise.race([plan.after, whenAborted(signal)]);
      if (signal.aborted) throw new SlipwayError("interrupted", "interrupted while running docker");
      if (plan.fail !== undefined) {
        options.onStderrLine?.(`ERROR: failed to solve: ${plan.fail.says}`);
        return { ...printed(""), exitCode: 1 };
      }
      const made = await makeImage(registry(), solve, { content: plan.holds ?? solve.content, layers: plan.layers });
      const said = made === undefined ? {} : { "containerimage.digest": made.digest };
      writeFileSync(one(args, "--metadata-file"), JSON.stringify(said));
      return printed("");
    },
  };
}

const builder = `Name:          default
Driver:        docker-container

Nodes:
Name:             default
Endpoint:         unix:///var/run/docker.sock
BuildKit version: v0.25.1
Platforms:        linux/amd64, linux/arm64
`;

function printed(text: string): ProcessResult {
  return { exitCode: 0, stdout: new TextEncoder().encode(text), stderr: "" };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function readSolve(args: readonly string[], signal: AbortSignal): Solve {
  const context = args.at(-1) ?? "";
  const files = readdirSync(context, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const labels = labelsOf(args);
  return {
    args,
    signal,
    service: labels["dev.slipway.service"] ?? "",
    platform: platformOf(one(args, "--platform")),
    content: JSON.stringify({
      files: files.map((file) => [file.slice(context.length), readFileSync(file, "utf8")]),
      dockerfile: readFileSync(one(args, "--file"), "utf8"),
      args: all(args, "--build-arg"),
      contexts: all(args, "--build-context"),
      platform: one(args, "--platform"),
    }),
  };
}

function labelsOf(args: readonly string[]): Record<string, string> {
  const pairs = all(args, "--label").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

/** Writes an image where `--output` says: to a registry, into a folder, or nowhere. */
async function makeImage(registry: Registry, solve: Solve, content: Content): Promise<{ digest: Digest } | undefined> {
  const output = new Map(
    one(solve.args, "--output")
      .split(",")
      .map((field): [string, string] => [field.slice(0, field.indexOf("=")), field.slice(field.indexOf("=") + 1)]),
  );
  switch (output.get("type")) {
    case "image":
      return push(registry, solve, content, output.get("name") ?? "");
    case "oci":
      return writeLayout(solve, content, output.get("dest") ?? "");
    default:
      return undefined;
  }
}

/** What an image holds. */
type Content = Pick<TestImage, "content" | "layers">;

function imageOf(solve: Solve, content: Content): TestImage {
  const annotations = Object.fromEntries(
    all(solve.args, "--annotation").map((pair) => pair.replace(/^manifest:/, "").split("=")),
  );
  return { ...content, labels: labelsOf(solve.args), platform: solve.platform, annotations };
}

/** Writes an image without attestations as an OCI layout. Source: image-spec, image-layout.md. */
async function writeLayout(solve: Solve, content: Content, folder: string): Promise<Descriptor> {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const keep = async (bytes: Uint8Array): Promise<{ digest: Digest; size: number }> => {
    const digest = digestOf(bytes);
    writeFileSync(join(blobs, digestHex(digest)), bytes);
    return { digest, size: bytes.length };
  };
  return storeImage(imageOf(solve, content), keep, async (raw) => void (await keep(raw.bytes)));
}

/** Pushes what BuildKit pushes: the image, an attestation that differs with every build, and the index over both. */
async function push(registry: Registry, solve: Solve, content: Content, to: string): Promise<RawManifest> {
  const reference = parseReference(to);
  if (reference?.tag === undefined) throw new Error("the build names no tag to push");
  const { name, tag } = reference;
  const labels = labelsOf(solve.args);
  const image = await putImage(registry, name, imageOf(solve, content));
  const attestation = await putImage(registry, name, {
    content: `built ${image.digest} at ${labels["org.opencontainers.image.created"] ?? ""}`,
    labels: {},
    platform: solve.platform,
    annotations: {},
  });
  const index = makeRawManifest({
    schemaVersion: 2,
    mediaType: mediaType.ociIndex,
    manifests: [
      { ...image, platform: platformObject(solve.platform) },
      {
        ...attestation,
        platform: { architecture: "unknown", os: "unknown" },
        annotations: {
          [attestationAnnotations.digest]: image.digest,
          [attestationAnnotations.type]: "attestation-manifest",
        },
      },
    ],
  } as { mediaType: string });
  await registry.putManifest(name, tag, index);
  return index;
}

/** A layer, and `created_by` of the image's history for it. */
export interface TestLayer {
  readonly content: string | Uint8Array;
  readonly createdBy: string;
  /** Default: gzip's, whatever the content is. */
  readonly mediaType?: string;
}

/** An image of one layer, or of these. */
export interface TestImage {
  readonly content: string;
  readonly layers?: readonly TestLayer[] | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly platform: Platform;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Pushes an image by digest. */
export function putImage(registry: Registry, name: ImageName, image: TestImage): Promise<Descriptor> {
  return storeImage(
    image,
    (bytes) => registry.putBlob(name, bytes),
    async (raw) => void (await registry.putManifest(name, raw.digest, raw)),
  );
}

const gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

async function storeImage(
  image: TestImage,
  putBlob: (bytes: Uint8Array) => Promise<{ readonly digest: Digest; readonly size: number }>,
  putManifest: (raw: RawManifest) => Promise<void>,
): Promise<Descriptor> {
  const written = image.layers ?? [{ content: image.content, createdBy: "" }];
  const layers = await Promise.all(
    written.map(async ({ content, mediaType: type = gzipLayer }) => ({
      mediaType: type,
      ...(await putBlob(typeof content === "string" ? new TextEncoder().encode(content) : content)),
    })),
  );
  const config = {
    ...platformObject(image.platform),
    created: image.labels["org.opencontainers.image.created"],
    config: { Labels: image.labels, Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    ...(image.layers === undefined ? {} : { history: written.map(({ createdBy }) => ({ created_by: createdBy })) }),
  };
  const stored = await putBlob(new TextEncoder().encode(JSON.stringify(config)));
  const raw = makeRawManifest({
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: mediaType.ociConfig, ...stored },
    layers,
    annotations: image.annotations,
  } as { mediaType: string });
  await putManifest(raw);
  return { mediaType: raw.mediaType, digest: raw.digest, size: raw.bytes.length };
}

function all(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, at) => (arg === flag ? [args[at + 1] ?? ""] : []));
}

function one(args: readonly string[], flag: string): string {
  const [value] = all(args, flag);
  if (value === undefined) throw new Error(`docker was run without ${flag}`);
  return value;
}

function platformOf(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform === undefined) throw new Error(`"${text}" is no platform`);
  return platform;
}
