import { readMaterials } from "../../buildkit/materials.ts";
import { errorMessage, isInterruption } from "../../errors.ts";
import { invocationFingerprint } from "../../invocation/invocation-fingerprint.ts";
import type { BuiltPlainly } from "./build-plainly.ts";
import type { PlanBasis } from "./plan-drop-in.ts";
import { readPlaces } from "./read-places.ts";
import { readInvocation } from "./read-invocation.ts";
import { recordBuild } from "./record-build.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/**
 * Records a build when it was made of the inputs that were read before: they are read once more, and the images that BuildKit says it used
 * must be those that were looked up. A fault leaves the build as it is, without a record.
 */
export async function recordIfSame(
  context: DropInContext,
  request: DropInRequest,
  basis: PlanBasis,
  built: BuiltPlainly,
): Promise<void> {
  const { records, reading, inputs } = basis;
  if (records === undefined || inputs === undefined || records.access.writes === null) return;
  const warn = (because: string): void =>
    context.emit({ kind: "warning", message: `${records.store}: the build was not recorded: ${because}` });
  try {
    const unlike = await findUnlike(context, request, basis, built);
    if (unlike !== undefined) return warn(unlike);
    const fault = await recordBuild(context, records, reading, { build: built, inputs });
    if (fault !== undefined) warn(fault);
  } catch (error) {
    if (isInterruption(error)) throw error;
    warn(errorMessage(error).split("\n")[0] ?? "");
  }
}

/** In what a build was made of others than the inputs that were read; undefined: in nothing. */
async function findUnlike(
  context: DropInContext,
  request: DropInRequest,
  { reading, inputs }: PlanBasis,
  { metadata }: BuiltPlainly,
): Promise<string | undefined> {
  if (inputs === undefined) return "its inputs are not known";
  const files = readPlaces(context.host, reading.invocation);
  const again = await readInvocation(context, request, { ...reading, files });
  if (invocationFingerprint(again.inputs) !== invocationFingerprint(inputs)) {
    return "a file or a base changed while it was built";
  }
  const materials = readMaterials(metadata);
  if (materials === undefined) return undefined;
  const other = again.images.find(({ digests }) => !digests.some((digest) => materials.has(digest)));
  return other === undefined ? undefined : `BuildKit used another ${other.reference} than the one that was looked up`;
}
