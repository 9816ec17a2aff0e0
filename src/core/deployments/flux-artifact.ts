import { gzipSync } from "node:zlib";
import { makeRawManifest } from "../../images/artifact.ts";
import { SlipwayError } from "../../errors.ts";
import { renderTar } from "../../formats/tar-archive.ts";
import { type FolderFile, layOutFluxFiles } from "../../deployments/flux-files.ts";
import { type Digest, digestOf } from "../../model/digest.ts";
import { type Manifest, mediaType, type RawManifest } from "../../model/oci.ts";
import { type ImageName, isTag } from "../../model/reference.ts";
import type { ReleaseManifest } from "../../model/release.ts";
import { renderKustomizeImages } from "../../notes/pinned-files.ts";
import type { Registry } from "../../registry/registry.ts";
import type { ChosenRelease } from "./find-release.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** An artifact that Flux's OCIRepository takes, in memory. Its media types: fluxcd/pkg, oci. */
export interface FluxArtifact {
  readonly name: ImageName;
  readonly tag: string;
  readonly raw: RawManifest;
  readonly config: Uint8Array;
  readonly layer: Uint8Array;
  readonly files: readonly string[];
}

const fluxTypes = {
  config: "application/vnd.cncf.flux.config.v1+json",
  content: "application/vnd.cncf.flux.content.v1.tar+gzip",
} as const;

/** A folder of manifests in the repository, and the image name of the artifact made of it. */
interface FluxSource {
  readonly folder: string;
  readonly files: readonly FolderFile[];
  readonly name: ImageName;
}

/** Makes the artifact of a release from a folder of manifests. Equal releases and folders give equal bytes. */
export function makeFluxArtifact(
  { release, manifest }: ChosenRelease,
  { folder, files, name }: FluxSource,
): FluxArtifact {
  const laidOut = layOutFluxFiles(files, renderKustomizeImages(manifest));
  if (laidOut.kind === "refused") throw unusable(folder, laidOut.because);
  const layer = gzipSync(renderTar(laidOut.files), { level: 9 });
  const config = new TextEncoder().encode(
    JSON.stringify({ architecture: "", os: "", rootfs: { type: "layers", diff_ids: [] } }),
  );
  const written: Manifest = {
    schemaVersion: 2,
    mediaType: mediaType.ociManifest,
    config: { mediaType: fluxTypes.config, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: fluxTypes.content, digest: digestOf(layer), size: layer.length }],
    annotations: annotationsOf(release, manifest),
  };
  const raw = makeRawManifest(written);
  return { name, tag: tagOf(release, manifest), raw, config, layer, files: laidOut.files.map(({ path }) => path) };
}

/** Pushes the artifact under its tag, which never moves. False: it is there already. Throws `refused` for other content under the tag. */
export async function pushFluxArtifact(registry: Registry, artifact: FluxArtifact): Promise<boolean> {
  const { name, tag, raw, config, layer } = artifact;
  const before: Digest | undefined = (await registry.headManifest(name, tag))?.digest;
  if (before === raw.digest) return false;
  if (before !== undefined) {
    throw new SlipwayError("version-taken", `pushing ${name}:${tag}: the tag has other content, ${before}`, {
      hint: "a release's artifact never changes: pin the next release, or push under another name with --to",
    });
  }
  await Promise.all([registry.putBlob(name, config), registry.putBlob(name, layer)]);
  await registry.putManifest(name, tag, raw);
  return true;
}

/** Flux chooses among versions; a release of a branch has its commit. */
function tagOf(release: string, { subject, commit }: ReleaseManifest): string {
  const tag = subject.kind === "version" ? subject.version.replaceAll("+", "_") : `sha-${commit.slice(0, 12)}`;
  if (isTag(tag)) return tag;
  throw new SlipwayError("version-invalid", `the release ${release} gives no tag for an artifact: "${tag}" is none`);
}

/** The annotations that Flux shows as source and revision. */
function annotationsOf(release: string, { source, commit, releasedAt }: ReleaseManifest): Record<string, string> {
  return {
    "org.opencontainers.image.created": releasedAt,
    "org.opencontainers.image.revision": `${release}@sha1:${commit}`,
    ...(source === "" ? {} : { "org.opencontainers.image.source": source }),
  };
}

function unusable(folder: string, because: string): SlipwayError {
  return new SlipwayError("deployment-unusable", `packing ${folder} for Flux: ${because}`, {
    hint: "name a folder of the repository that has all of its manifests, such as --flux deploy",
  });
}

/** Reads the files of a folder at the workspace's commit. Throws `deployment-unusable` if it has none. */
export async function readFluxFolder({ tree }: Workspace, folder: string): Promise<FolderFile[]> {
  const clean = folder
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  const prefix = clean === "" ? "" : `${clean}/`;
  const paths = tree.paths.filter((path) => path.startsWith(prefix) && tree.get(path)?.mode.startsWith("100") === true);
  if (paths.length === 0) throw unusable(folder, "the folder has no files");
  return Promise.all(paths.map(async (path) => ({ path: path.slice(prefix.length), content: await tree.read(path) })));
}
