import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import { type LastRecord, putMove } from "../../images/build-records.ts";
import { sketchOf } from "../../invocation/sketch.ts";
import type { PushedName, WantedPlaces } from "../../invocation/wanted-places.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { InvocationRecord, RecordedPush } from "../../model/build-record.ts";
import type { RawManifest } from "../../model/oci.ts";
import { renderReference } from "../../model/reference.ts";
import { settleAll } from "../../model/settle.ts";
import { type LoadEnd, loadImage } from "./load-image.ts";
import type { PlanBasis } from "./plan-drop-in.ts";
import { moveOf } from "./record-build.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** Image id and metadata that buildx would have reported for a reused image. */
export interface BuildxReports {
  readonly imageId: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Result of reuse. `failed`: no tag was moved. */
export type Reused =
  | { readonly kind: "reused"; readonly reports: BuildxReports }
  | { readonly kind: "failed"; readonly because: string };

/**
 * Puts a recorded image where a build would have put its own: copies content first, then loads it into the engine's store, then moves tags.
 * A fault before the first tag moved is a result. A later one is thrown, because a build would move the tags again.
 */
export async function reuseImage(
  context: DropInContext,
  request: DropInRequest,
  basis: PlanBasis,
  record: InvocationRecord,
): Promise<Reused> {
  const { invocation, wanted, platforms } = basis.reading;
  const { image } = record;
  let hasMoved = false;
  const onMove = (): void => {
    hasMoved = true;
  };
  try {
    const raw = await readImage(context, image);
    const others = new Set(wanted.push.map(({ name }) => name).filter((name) => name !== image.name));
    await settleAll([...others].map((name) => context.registry.copyManifestTree(image.name, image.digest, name)));
    const references = keptReferences(wanted);
    const { isEngine } = wanted;
    const loaded =
      references.length === 0
        ? undefined
        : await loadImage(context, { image, raw, references, platforms, isWhole: isEngine });
    await settleAll(wanted.push.map((place) => moveTag(context, place, raw, onMove)));
    await noteMove(context, basis, record);
    const reports = reportsOf(invocation, image, wanted.load.length === 0 ? undefined : loaded);
    await writeReports(invocation, request.cwd, reports);
    return { kind: "reused", reports };
  } catch (error) {
    if (hasMoved || isInterruption(error)) throw error;
    return { kind: "failed", because: errorMessage(error).split("\n")[0] ?? "" };
  }
}

/** The references under which a build would have left the image in the engine's store. */
function keptReferences({ load, push, isEngine }: WantedPlaces): readonly string[] {
  if (!isEngine) return load;
  const pushed = push.flatMap(({ name, tag }) => (tag === null ? [] : [renderReference({ name, tag })]));
  return [...new Set([...load, ...pushed])];
}

async function readImage({ registry }: DropInContext, { name, digest }: RecordedPush): Promise<RawManifest> {
  const raw = await registry.getManifest(name, digest);
  if (raw !== undefined) return raw;
  throw new SlipwayError("image-gone", `${name}@${digest} is not there any more`);
}

async function moveTag(
  { registry, emit }: DropInContext,
  { name, tag }: PushedName,
  raw: RawManifest,
  onMove: () => void,
): Promise<void> {
  if (tag === null) return;
  const from = (await registry.headManifest(name, tag))?.digest ?? null;
  const state = from === null ? "created" : from === raw.digest ? "already" : "moved";
  if (state !== "already") {
    await registry.putManifest(name, tag, raw);
    onMove();
  }
  emit({ kind: "tag", image: name, tag, from, to: raw.digest, state, because: undefined });
}

/** Records the commit that the tags were moved for, so that an older run that ends later can find it. */
async function noteMove(
  { registry, run, emit }: DropInContext,
  basis: PlanBasis,
  record: InvocationRecord,
): Promise<void> {
  const { records, inputs, keys, lasts, reading } = basis;
  const set = records?.access.writes ?? null;
  if (records === undefined || inputs === undefined || set === null || reading.wanted.push.length === 0) return;
  const moved = moveOf(run.ci);
  const isNoted = (last: LastRecord | undefined): boolean =>
    last?.record.fingerprint === record.fingerprint &&
    last.moved.commit === moved.commit &&
    last.moved.run === moved.run;
  const of = keys.filter((key) => !isNoted(lasts.get(key)));
  if (of.length === 0) return;
  const content = { sketch: sketchOf(inputs), of, moved };
  // The tags have moved: a note that cannot be written changes nothing of that.
  await putMove(registry, { name: records.store, set }, record, content).catch((error: unknown) => {
    if (isInterruption(error)) throw error;
    const because = errorMessage(error).split("\n")[0] ?? "";
    emit({ kind: "warning", message: `${records.store}: the move of its tags was not recorded: ${because}` });
  });
}

/**
 * What buildx would report. Of an image that is loaded it reports what the engine's store has, also where the image is pushed, too. Source:
 * buildx, docs/reference/buildx_build.md, `--metadata-file`.
 */
export function reportsOf(
  { tags, outputs }: BuildInvocation,
  { digest, mediaType, size, configDigest }: RecordedPush,
  loaded: LoadEnd | undefined,
): BuildxReports {
  const name = tags.length > 0 ? tags.join(",") : outputs[0]?.attributes["name"];
  const descriptor = loaded?.part ?? { mediaType, digest, size };
  return {
    imageId: loaded?.id ?? configDigest ?? digest,
    metadata: {
      ...(configDigest === null || loaded?.part !== undefined ? {} : { "containerimage.config.digest": configDigest }),
      "containerimage.descriptor": descriptor,
      "containerimage.digest": descriptor.digest,
      ...(name === undefined ? {} : { "image.name": name }),
    },
  };
}

/** Writes the files that the caller asked buildx for. */
export async function writeReports(
  { reports: { metadataFile, imageIdFile } }: BuildInvocation,
  cwd: string,
  { imageId, metadata }: BuildxReports,
): Promise<void> {
  if (metadataFile !== undefined) await writeFile(resolve(cwd, metadataFile), JSON.stringify(metadata, null, 2));
  if (imageIdFile !== undefined) await writeFile(resolve(cwd, imageIdFile), imageId);
}
