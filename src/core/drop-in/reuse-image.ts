import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { WantedPlaces } from "../../invocation/wanted-places.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { RecordedPush } from "../../model/build-record.ts";
import { settleAll } from "../../model/settle.ts";
import type { DropInContext } from "./request.ts";

/** What a reused image is told as: what buildx would have said of it. */
export interface BuildxReports {
  readonly imageId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Points every tag at an image that is there, in every registry: content before tags. `onWrite`: a tag was moved. */
export async function moveTagsTo(
  { registry, emit }: DropInContext,
  { push }: Pick<WantedPlaces, "push">,
  image: RecordedPush,
  onWrite: () => void,
): Promise<void> {
  const raw = await registry.getManifest(image.name, image.digest);
  if (raw === undefined) {
    throw new SlipwayError("image-gone", `${image.name}@${image.digest} is not there any more`, {
      hint: "run the same command again: it is built anew",
    });
  }
  const others = [...new Set(push.map(({ name }) => name))].filter((name) => name !== image.name);
  await settleAll(others.map((name) => registry.copyManifestTree(image.name, image.digest, name)));
  await settleAll(
    push.map(async ({ name, tag }) => {
      if (tag === null) return;
      const from = (await registry.headManifest(name, tag))?.digest ?? null;
      const state = from === null ? "created" : from === image.digest ? "already" : "moved";
      if (state !== "already") {
        await registry.putManifest(name, tag, raw);
        onWrite();
      }
      emit({ kind: "tag", image: name, tag, from, to: image.digest, state, because: undefined });
    }),
  );
}

/** What buildx writes of an image that it pushed. Source: buildx, docs/reference/buildx_build.md, `--metadata-file`. */
export function describeReused(invocation: BuildInvocation, image: RecordedPush): BuildxReports {
  const { digest, mediaType, size, configDigest } = image;
  const name = invocation.tags.length > 0 ? invocation.tags.join(",") : invocation.outputs[0]?.attributes["name"];
  return {
    imageId: configDigest ?? digest,
    metadata: {
      ...(configDigest === null ? {} : { "containerimage.config.digest": configDigest }),
      "containerimage.descriptor": { mediaType, digest, size },
      "containerimage.digest": digest,
      ...(name === undefined ? {} : { "image.name": name }),
    },
  };
}

/** Writes the files that the caller asked buildx for. */
export async function writeReports(
  { reports }: Pick<BuildInvocation, "reports">,
  cwd: string,
  { imageId, metadata }: BuildxReports,
): Promise<void> {
  const { metadataFile, imageIdFile } = reports;
  if (metadataFile !== undefined) await writeFile(resolve(cwd, metadataFile), JSON.stringify(metadata, null, 2));
  if (imageIdFile !== undefined) await writeFile(resolve(cwd, imageIdFile), imageId);
}
