import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import type { BuildInvocation, InvocationOutput } from "../../model/build-invocation.ts";
import { type Digest, digestHex } from "../../model/digest.ts";
import { attestationAnnotations, type Descriptor, mediaType, type RawManifest } from "../../model/oci.ts";
import { type Platform, platformObject } from "../../model/platform.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import { readContent } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { makeRawManifest } from "../../images/artifact.ts";
import { makeIndex, putImage, type TestImage, testPlatform, writeImageLayout } from "../test-image.ts";
import type { DockerCall } from "./fake-docker.ts";

/** One `docker buildx build` that a fake docker was started for. */
export interface FakeBuild {
  /** Arguments after `docker buildx`; the first is `build`. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The service that Slipway builds; empty for a build of somebody else. */
  readonly service: string;
  /** The only platform, or the first. */
  readonly platform: Platform;
  /** Text of the Dockerfile; undefined if there is none in the context. */
  readonly dockerfile: string | undefined;
  /** Everything that decides the image, as JSON: copied files, Dockerfile, args and named contexts. */
  readonly content: string;
}

/** A build whose files were read. */
export interface ReadBuild extends FakeBuild {
  readonly invocation: BuildInvocation;
  /** BuildKit's error lines if the Dockerfile copies a file that the context does not have. */
  readonly missing: readonly string[] | undefined;
}

/** Reads the arguments and the files of a build. `args`: those after `docker buildx`. */
export function readFakeBuild(args: readonly string[], { cwd, env, signal }: DockerCall): ReadBuild {
  const invocation = readBuildArguments(args.slice(1), {});
  const dockerfile = dockerfileOf(invocation, cwd);
  const files = dockerfile === undefined ? [] : copiedFiles(contextFolder(invocation, cwd), dockerfile);
  const missing = files.flatMap((file) => (typeof file === "string" ? [file] : []));
  const content = {
    context: invocation.context.kind === "folder" ? "folder" : invocation.context,
    files,
    dockerfile,
    args: invocation.args,
    contexts: Object.entries(invocation.contexts).map(([name, value]) => [
      name,
      contextContent(resolve(cwd, value), value),
    ]),
  };
  return {
    args,
    cwd,
    env,
    signal,
    invocation,
    service: invocation.labels["dev.slipway.service"] ?? "",
    platform: platformsOf(invocation)[0],
    dockerfile,
    content: JSON.stringify(content),
    missing: missing.length === 0 ? undefined : missing,
  };
}

function contextFolder({ context }: BuildInvocation, cwd: string): string {
  return resolve(cwd, context.kind === "folder" ? context.path : "");
}

function dockerfileOf(invocation: BuildInvocation, cwd: string): string | undefined {
  const { context, dockerfile } = invocation;
  if (context.kind !== "folder") return undefined;
  const place =
    dockerfile === undefined ? join(contextFolder(invocation, cwd), "Dockerfile") : resolve(cwd, dockerfile);
  return existsSync(place) ? readFileSync(place, "utf8") : undefined;
}

/** Paths and texts of the files that the instructions read; for a file that is missing, BuildKit's error line. */
function copiedFiles(folder: string, dockerfile: string): (readonly [path: string, text: string] | string)[] {
  const copies = [...dockerfile.matchAll(/^COPY (?!--from=)((?:--\S+ )*)(.+) \S+$/gm)];
  const sources = copies.flatMap(([, , written = ""]) => written.split(" "));
  // The whole context stands for what a pattern matches and what a mount reads.
  const readsAll = sources.some((source) => /[*?[]/.test(source)) || /^RUN .*--mount=type=bind/m.test(dockerfile);
  return (readsAll ? ["."] : sources).flatMap((source): (readonly [string, string] | string)[] => {
    const place = join(folder, source);
    if (!existsSync(place)) return [`ERROR: failed to calculate checksum of ref a::b: "/${source}": not found`];
    return filesBelow(place).map((file) => [file.slice(folder.length), readFileSync(file, "utf8")] as const);
  });
}

function contextContent(place: string, written: string): unknown {
  if (written.includes("://") || !existsSync(place)) return written;
  return filesBelow(place).map((file) => [file.slice(place.length), readFileSync(file, "utf8")]);
}

function filesBelow(place: string): string[] {
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function platformsOf({ platforms }: BuildInvocation): readonly [Platform, ...Platform[]] {
  const [first = "linux/amd64", ...others] = platforms;
  return [testPlatform(first), ...others.map(testPlatform)];
}

/** Content of an image, but for its platform. */
interface Content extends Pick<TestImage, "content" | "layers"> {
  readonly sbom?: object | undefined;
}

/** Writes the image of a build where its outputs say, as BuildKit does, and buildx's reports on it. */
export async function writeOutputs(registry: () => Registry, build: ReadBuild, content: Content): Promise<void> {
  const { outputs, reports, tags } = build.invocation;
  let written: Descriptor | undefined;
  for (const output of outputs) written = (await writeOutput(registry, build, content, output)) ?? written;
  if (written !== undefined && outputs.some(({ type }) => type === "docker")) {
    written = await loadedPart(registry(), build, written);
  }
  const metadata = {
    "buildx.build.ref": "default/default/abc",
    ...(written === undefined
      ? {}
      : {
          "containerimage.descriptor": written,
          "containerimage.digest": written.digest,
          "image.name": tags.join(","),
        }),
  };
  if (reports.metadataFile !== undefined) {
    writeFileSync(resolve(build.cwd, reports.metadataFile), JSON.stringify(metadata));
  }
  if (reports.imageIdFile !== undefined && written !== undefined) {
    writeFileSync(resolve(build.cwd, reports.imageIdFile), written.digest);
  }
}

/** The image in a pushed index. Of an image that is pushed and loaded buildx reports what is loaded: one image, without attestations. */
async function loadedPart(registry: Registry, { invocation }: ReadBuild, pushed: Descriptor): Promise<Descriptor> {
  const name = parseReference(invocation.tags[0] ?? "")?.name;
  const raw = name === undefined ? undefined : await registry.getManifest(name, pushed.digest);
  return (raw === undefined ? undefined : readContent(raw.bytes)?.manifests[0]) ?? pushed;
}

async function writeOutput(
  registry: () => Registry,
  build: ReadBuild,
  content: Content,
  { type, attributes, destination }: InvocationOutput,
): Promise<Descriptor | undefined> {
  if (type === "oci" && destination !== undefined && attributes["tar"] === "false") {
    return writeImageLayout(resolve(build.cwd, destination), imageOf(build, content, build.platform));
  }
  if (type !== "image" || attributes["push"] !== "true") return undefined;
  const { tags } = build.invocation;
  const names = tags.length > 0 ? tags : (attributes["name"] ?? "").split(",");
  let pushed: RawManifest | undefined;
  for (const name of names) {
    const reference = parseReference(name);
    if (reference === undefined) throw new Error(`"${name}" is no image`);
    pushed = await pushIndex(registry(), reference.name, build, content);
    const tag = attributes["push-by-digest"] === "true" ? pushed.digest : (reference.tag ?? "latest");
    await registry().putManifest(reference.name, tag, pushed);
  }
  return pushed === undefined
    ? undefined
    : { mediaType: pushed.mediaType, digest: pushed.digest, size: pushed.bytes.length };
}

function imageOf({ invocation }: ReadBuild, content: Content, platform: Platform): TestImage {
  const annotations = Object.entries(invocation.annotations).map(([key, value]) => [
    key.replace(/^manifest(?:\[[^\]]*\])?:/, ""),
    value,
  ]);
  return {
    content: `${content.content} ${platform}`,
    layers: content.layers,
    platform,
    labels: invocation.labels,
    annotations: Object.fromEntries(annotations),
  };
}

/** Pushes images and attestations of all platforms; gives the index over them. */
async function pushIndex(
  registry: Registry,
  name: ImageName,
  build: ReadBuild,
  content: Content,
): Promise<RawManifest> {
  const manifests: Descriptor[] = [];
  for (const platform of platformsOf(build.invocation)) {
    const image = await putImage(registry, name, imageOf(build, content, platform));
    manifests.push({ ...image, platform: platformObject(platform) });
    const attestation = await attest(registry, name, build.invocation, image.digest, content.sbom);
    if (attestation !== undefined) manifests.push(attestation);
  }
  return makeIndex(manifests);
}

const spdxPredicate = "https://spdx.dev/Document";

/**
 * Stores the requested attestations as BuildKit does (docs/attestations/attestation-storage.md). They hold the time that the build was
 * given, so that each build of a service has others.
 */
async function attest(
  registry: Registry,
  name: ImageName,
  { attestations, labels, tags }: BuildInvocation,
  of: Digest,
  sbom: object = { spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT", name: "sbom", packages: [] },
): Promise<Descriptor | undefined> {
  const predicates = [
    ...(attestations["provenance"] === null ? [] : ["https://slsa.dev/provenance/v0.2"]),
    ...((attestations["sbom"] ?? null) === null ? [] : [spdxPredicate]),
  ];
  if (predicates.length === 0) return undefined;
  // All names of the build, so that the image has the same digest under each.
  const subjects = tags.length > 0 ? tags : [name];
  const put = (text: string): Promise<{ readonly digest: Digest; readonly size: number }> =>
    registry.putBlob(name, new TextEncoder().encode(text));
  const statementOf = (predicateType: string): string =>
    JSON.stringify({
      _type: "https://in-toto.io/Statement/v0.1",
      predicateType,
      subject: subjects.map((each) => ({ name: `pkg:docker/${each}`, digest: { sha256: digestHex(of) } })),
      predicate:
        predicateType === spdxPredicate ? sbom : { startedOn: labels["org.opencontainers.image.created"] ?? "" },
    });
  const layers = await Promise.all(
    predicates.map(async (predicate) => ({
      mediaType: "application/vnd.in-toto+json",
      ...(await put(statementOf(predicate))),
      annotations: { "in-toto.io/predicate-type": predicate },
    })),
  );
  const config = { mediaType: mediaType.ociConfig, ...(await put("{}")) };
  const manifest = { schemaVersion: 2, mediaType: mediaType.ociManifest, config, layers };
  const raw = makeRawManifest(manifest);
  await registry.putManifest(name, raw.digest, raw);
  return {
    mediaType: raw.mediaType,
    digest: raw.digest,
    size: raw.bytes.length,
    platform: { architecture: "unknown", os: "unknown" },
    annotations: { [attestationAnnotations.digest]: of, [attestationAnnotations.type]: "attestation-manifest" },
  };
}
