import { readMaterials } from "../../buildkit/materials.ts";
import { errorMessage, isInterruption } from "../../errors.ts";
import { invocationFingerprint } from "../../invocation/invocation-fingerprint.ts";
import { sketchOf } from "../../invocation/sketch.ts";
import type { WrittenTag } from "../../images/build-records.ts";
import type { ImageName } from "../../model/reference.ts";
import type { BuiltPlainly } from "./build-plainly.ts";
import { findPushedDigest } from "./pushed-digest.ts";
import type { PlanBasis } from "./plan-drop-in.ts";
import { readInvocation } from "./read-invocation.ts";
import { moveOf, type PendingRecord, writeRecord } from "./record-build.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/**
 * Records a build if its inputs did not change since planning: reads them again, and checks that BuildKit used the images that were looked
 * up. After a fault, the build stays without a record. Returns the pending record of an image that was not pushed; null: there is none.
 */
export async function recordIfSame(
  context: DropInContext,
  request: DropInRequest,
  basis: PlanBasis,
  built: BuiltPlainly,
): Promise<PendingRecord | null> {
  const { records, reading } = basis;
  if (records === undefined) return null;
  const warn = (because: string): null => {
    context.emit({ kind: "warning", message: `${records.store}: the build was not recorded: ${because}` });
    return null;
  };
  try {
    const unlike = await findUnlike(context, request, basis, built);
    if (unlike !== undefined) return warn(unlike);
    const pending = makePending(context, basis, built);
    const { push, names } = reading.wanted;
    if (pending === undefined || push.length === 0) return pending ?? null;
    const [name] = names;
    const digest = await findPushedDigest(context.registry, reading, built);
    if (digest === undefined) return warn(`buildx does not say what it pushed to ${name}`);
    const raw = await context.registry.getManifest(name, digest);
    if (raw === undefined) return warn(`what was pushed to ${name} is not there`);
    const written = await writeRecord(context.registry, pending, { name, raw, imageId: built.imageId });
    if (basis.lasts.size === 0) emitFirstTags(context, records.store, written);
    return null;
  } catch (error) {
    if (isInterruption(error)) throw error;
    return warn(errorMessage(error).split("\n")[0] ?? "");
  }
}

/** Reports the tags that a build's first record created, because users will see them in the registry beside the image's own tags. */
function emitFirstTags({ emit }: DropInContext, image: ImageName, written: readonly WrittenTag[]): void {
  for (const { tag, digest } of written) {
    emit({ kind: "tag", image, tag, from: null, to: digest, state: "created", because: undefined });
  }
}

function makePending(
  { host, run }: DropInContext,
  { records, inputs, keys }: PlanBasis,
  { seconds }: BuiltPlainly,
): PendingRecord | undefined {
  const fingerprint = inputs === undefined ? null : invocationFingerprint(inputs);
  const set = records?.access.writes ?? null;
  if (inputs === undefined || fingerprint === null || records === undefined || set === null) return undefined;
  return {
    store: records.store,
    record: { set, fingerprint, builtAt: host.now(), commit: run.ci.commit ?? "", buildSeconds: seconds },
    content: { sketch: sketchOf(inputs), of: keys, moved: moveOf(run.ci) },
  };
}

/** How a build's inputs differ from those that were planned; undefined: they do not. */
async function findUnlike(
  context: DropInContext,
  request: DropInRequest,
  { reading, inputs }: PlanBasis,
  { metadata }: BuiltPlainly,
): Promise<string | undefined> {
  if (inputs === undefined) return "its inputs are not known";
  const files = await reading.files.reopen();
  const again = await readInvocation(context, request, { ...reading, files });
  if (invocationFingerprint(again.inputs) !== invocationFingerprint(inputs)) {
    return "a file or a base changed while it was built";
  }
  const materials = readMaterials(metadata);
  if (materials === undefined) return undefined;
  // A target that this one links to was built beside it and fetched from nowhere.
  const linked = new Set(Object.values(request.links ?? {}));
  const other = again.images.find(
    ({ reference, digests }) => !linked.has(reference) && !digests.some((digest) => materials.has(digest)),
  );
  return other === undefined ? undefined : `BuildKit used another ${other.reference} than the one that was looked up`;
}
