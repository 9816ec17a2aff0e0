import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeRawManifest } from "../../../images/artifact.ts";
import { readBuildArguments } from "../../../invocation/read-build-arguments.ts";
import type { BuildInvocation } from "../../../model/build-invocation.ts";
import type { Digest } from "../../../model/digest.ts";
import { attestationAnnotations, type Descriptor, mediaType, type RawManifest } from "../../../model/oci.ts";
import { parsePlatform, type Platform, platformObject } from "../../../model/platform.ts";
import { type ImageName, parseReference } from "../../../model/reference.ts";
import type { Registry } from "../../../registry/registry.ts";
import { putImage } from "../../testing/engine.ts";
import type { CallersBuild, RunCallersBuild } from "../request.ts";

/** One call of buildx. */
export interface FakeBuild {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Outcome that a test prescribes for a build; undefined: it succeeds. */
export interface FakeBuildPlan {
  /** Ends with exit code 1 and these lines. */
  readonly fail?: readonly string[];
  /** Called while the build reads its files. */
  readonly meanwhile?: () => Promise<void>;
  /** Content of the image; default: the content of the files that the build got. */
  readonly holds?: string;
  /** Duration of the build. */
  readonly seconds?: number;
}

/** A fake `docker buildx build` that makes images of the files that it gets, and pushes them as BuildKit does. */
export function makeFakeBuildx(
  registry: () => Registry,
  planOf: (build: FakeBuild) => FakeBuildPlan | undefined,
  wait: (seconds: number) => void,
): { readonly builds: FakeBuild[]; readonly run: RunCallersBuild } {
  const builds: FakeBuild[] = [];
  const run: RunCallersBuild = async (args, { cwd, env }): Promise<CallersBuild> => {
    const build = { args, cwd, env };
    builds.push(build);
    const { fail, meanwhile, holds, seconds = 0 } = planOf(build) ?? {};
    wait(seconds);
    if (fail !== undefined) return { exitCode: 1, said: fail };
    const invocation = readBuildArguments(args.slice(1), {});
    const content = holds ?? contentOf(invocation, cwd);
    if (typeof content !== "string") return { exitCode: 1, said: content };
    await meanwhile?.();
    const pushed = await pushAll(registry(), invocation, content);
    writeReports(invocation, cwd, pushed);
    return { exitCode: 0, said: ["#1 DONE"] };
  };
  return { builds, run };
}

/** Returns the Dockerfile, the args and the files that its instructions copy, as text; if a file is missing, BuildKit's error lines. */
function contentOf({ context, dockerfile, args }: BuildInvocation, cwd: string): string | readonly string[] {
  if (context.kind !== "folder") return JSON.stringify([context, args]);
  const folder = resolve(cwd, context.path);
  const text = readFileSync(dockerfile === undefined ? join(folder, "Dockerfile") : resolve(cwd, dockerfile), "utf8");
  const copied = [...text.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources = ""]) => sources.split(" "));
  const files: [string, string][] = [];
  for (const source of copied) {
    const place = join(folder, source);
    if (!existsSync(place)) return [`ERROR: failed to calculate checksum of ref a::b: "/${source}": not found`];
    files.push(
      ...filesBelow(place).map((file): [string, string] => [file.slice(folder.length), readFileSync(file, "utf8")]),
    );
  }
  return JSON.stringify([files, text, args]);
}

function filesBelow(place: string): string[] {
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

interface Pushed {
  readonly raw: RawManifest;
  readonly names: readonly string[];
}

async function pushAll(registry: Registry, invocation: BuildInvocation, content: string): Promise<Pushed | undefined> {
  const output = invocation.outputs.find(({ attributes }) => attributes["push"] === "true");
  if (output === undefined) return undefined;
  const names = invocation.tags.length > 0 ? invocation.tags : (output.attributes["name"] ?? "").split(",");
  let raw: RawManifest | undefined;
  for (const written of names) {
    const reference = parseReference(written);
    if (reference === undefined) throw new Error(`"${written}" is no image`);
    raw = await pushIndex(registry, reference.name, invocation, content);
    const isByDigest = output.attributes["push-by-digest"] === "true";
    if (!isByDigest) await registry.putManifest(reference.name, reference.tag ?? "latest", raw);
  }
  return raw === undefined ? undefined : { raw, names };
}

async function pushIndex(
  registry: Registry,
  name: ImageName,
  invocation: BuildInvocation,
  content: string,
): Promise<RawManifest> {
  const platforms = invocation.platforms.length === 0 ? ["linux/amd64"] : invocation.platforms;
  const manifests: Descriptor[] = [];
  for (const platform of platforms.map(platformOf)) {
    const image = await putImage(registry, name, {
      content: `${content} ${platform}`,
      labels: invocation.labels,
      platform,
      annotations: {},
    });
    manifests.push({ ...image, platform: platformObject(platform) });
    const attestation = await attest(registry, name, invocation, image.digest);
    if (attestation !== undefined) manifests.push(attestation);
  }
  const raw = makeRawManifest({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests } as { mediaType: string });
  await registry.putManifest(name, raw.digest, raw);
  return raw;
}

/** Stores the requested attestations as BuildKit does (docs/attestations/attestation-storage.md). */
async function attest(
  registry: Registry,
  name: ImageName,
  { attestations }: BuildInvocation,
  of: Digest,
): Promise<Descriptor | undefined> {
  const predicates = [
    ...(attestations["provenance"] === null ? [] : ["https://slsa.dev/provenance/v0.2"]),
    ...((attestations["sbom"] ?? null) === null ? [] : ["https://spdx.dev/Document"]),
  ];
  if (predicates.length === 0) return undefined;
  const put = (text: string): Promise<{ readonly digest: Digest; readonly size: number }> =>
    registry.putBlob(name, new TextEncoder().encode(text));
  const layers = await Promise.all(
    predicates.map(async (predicate) => ({
      mediaType: "application/vnd.in-toto+json",
      ...(await put(`${predicate} of ${of}`)),
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

function writeReports({ reports, tags }: BuildInvocation, cwd: string, pushed: Pushed | undefined): void {
  const digest = pushed?.raw.digest;
  const metadata = {
    "buildx.build.ref": "default/default/abc",
    ...(pushed === undefined
      ? {}
      : {
          "containerimage.descriptor": { mediaType: pushed.raw.mediaType, digest, size: pushed.raw.bytes.length },
          "containerimage.digest": digest,
          "image.name": tags.join(","),
        }),
  };
  if (reports.metadataFile !== undefined) writeFileSync(resolve(cwd, reports.metadataFile), JSON.stringify(metadata));
  if (reports.imageIdFile !== undefined && digest !== undefined)
    writeFileSync(resolve(cwd, reports.imageIdFile), digest);
}

function platformOf(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform === undefined) throw new Error(`"${text}" is no platform`);
  return platform;
}
