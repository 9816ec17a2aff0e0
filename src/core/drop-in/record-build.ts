import { putRecord } from "../../images/build-records.ts";
import { readAttestationTypes } from "../../images/attestation-types.ts";
import { invocationFingerprint } from "../../invocation/invocation-fingerprint.ts";
import { sketchOf } from "../../invocation/sketch.ts";
import type { InvocationInputs } from "../../model/build-record.ts";
import { parseDigest } from "../../model/digest.ts";
import type { BuiltPlainly } from "./build-plainly.ts";
import type { Records } from "./observe-invocation.ts";
import type { InvocationReading } from "./read-invocation.ts";
import type { DropInContext } from "./request.ts";

/** Records what a build pushed, under the fingerprint of the inputs that it was built from. Undefined: it did; else the reason. */
export async function recordBuild(
  { registry, host, run }: DropInContext,
  records: Records,
  { wanted: { names, push } }: InvocationReading,
  { build, inputs }: { readonly build: BuiltPlainly; readonly inputs: InvocationInputs },
): Promise<string | undefined> {
  const fingerprint = invocationFingerprint(inputs);
  const [name] = names;
  const { access, store, of } = records;
  if (access.writes === null || push.length === 0) return undefined;
  if (build.digest === undefined || fingerprint === null) return "buildx does not say what it pushed";
  const raw = await registry.getManifest(name, build.digest);
  if (raw === undefined) return `${name}@${build.digest} was pushed and is not there`;
  const configDigest = parseDigest(build.imageId ?? "");
  const record = {
    set: access.writes,
    fingerprint,
    image: {
      name,
      digest: raw.digest,
      mediaType: raw.mediaType,
      size: raw.bytes.byteLength,
      configDigest: configDigest === undefined || configDigest === raw.digest ? null : configDigest,
    },
    builtAt: host.now(),
    commit: run.ci.commit ?? "",
    buildSeconds: build.seconds,
    attestations: await readAttestationTypes(registry, name, raw),
  };
  await putRecord(registry, store, record, { sketch: sketchOf(inputs), of });
  return undefined;
}
