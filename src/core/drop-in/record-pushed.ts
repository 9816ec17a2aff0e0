import { asFields, asTextMap, type Fields, fieldsOf, textField } from "../../formats/json.ts";
import { isDigest } from "../../model/digest.ts";
import { parseImageName, parseReference } from "../../model/reference.ts";
import { readContent } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { type PendingRecord, writeRecord } from "./record-build.ts";

/** A built image that another program may have pushed since. */
export interface PushToRecord {
  /** Tags of the build, under which the image may have been pushed. */
  readonly tags: readonly string[];
  /** Digests that identify the image: its id, and its manifest's digest. */
  readonly ids: readonly string[];
  /** A `PendingRecord` as JSON. */
  readonly pending: Fields;
}

/**
 * Writes the record of a built image if one of its tags points at it now. Returns that tag's reference; undefined: none does, or the
 * pending record is invalid.
 */
export async function recordPushed(
  registry: Registry,
  { tags, ids, pending }: PushToRecord,
): Promise<string | undefined> {
  const record = readPending(pending);
  if (record === undefined) return undefined;
  for (const written of tags) {
    const reference = parseReference(written);
    const raw =
      reference === undefined ? undefined : await registry.getManifest(reference.name, reference.tag ?? "latest");
    if (reference === undefined || raw === undefined) continue;
    const config = readContent(raw.bytes)?.config?.digest;
    const known = [raw.digest, config].find((digest) => digest !== undefined && ids.includes(digest));
    if (known === undefined) continue;
    await writeRecord(registry, record, { name: reference.name, raw, imageId: config ?? raw.digest });
    return written;
  }
  return undefined;
}

function readPending(value: Fields): PendingRecord | undefined {
  const store = parseImageName(textField(value, "store"));
  const { fingerprint, buildSeconds, ...record } = fieldsOf(value["record"]);
  const { sketch, of, moved } = fieldsOf(value["content"]);
  const entries = asTextMap(asFields(sketch)?.["entries"]);
  if (store === undefined || entries === undefined || !Array.isArray(of)) return undefined;
  if (typeof fingerprint !== "string" || !isDigest(fingerprint) || typeof buildSeconds !== "number") return undefined;
  const text = (name: string): string => textField(record, name);
  const by = fieldsOf(moved);
  return {
    store,
    record: { set: text("set"), fingerprint, builtAt: text("builtAt"), commit: text("commit"), buildSeconds },
    content: {
      sketch: { version: 1, entries },
      of: of.filter((key) => typeof key === "string"),
      moved: { commit: textField(by, "commit"), run: textField(by, "run") },
    },
  };
}
