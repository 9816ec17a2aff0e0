import { putRecord, type RecordContent, type MoveNote, type WrittenTag } from "../../images/build-records.ts";
import { readAttestationTypes } from "../../images/attestation-types.ts";
import type { InvocationRecord } from "../../model/build-record.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { parseDigest } from "../../model/digest.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";

/** A record without its image, for a build that is pushed later. Plain JSON. */
export interface PendingRecord {
  readonly store: ImageName;
  readonly record: Omit<InvocationRecord, "image" | "attestations">;
  readonly content: RecordContent;
}

/** Writes the record of a pushed image, and gives its tags. `imageId`: the image id that buildx reports. */
export async function writeRecord(
  registry: Registry,
  { store, record, content }: PendingRecord,
  pushed: { readonly name: ImageName; readonly raw: RawManifest; readonly imageId: string | undefined },
): Promise<readonly WrittenTag[]> {
  const { name, raw, imageId } = pushed;
  const { digest, mediaType, bytes } = raw;
  const id = parseDigest(imageId ?? "");
  const configDigest = id === undefined || id === digest ? null : id;
  const image = { name, digest, mediaType, size: bytes.byteLength, configDigest };
  const attestations = await readAttestationTypes(registry, name, raw);
  return putRecord(registry, store, { ...record, image, attestations }, content);
}

/** The commit and run that a move of tags is recorded under. */
export function moveOf({ commit = "", id = "" }: Pick<CiRun, "commit" | "id">): MoveNote {
  return { commit, run: id };
}
