import { findLastRecord, type LastRecord } from "../../images/build-records.ts";
import { isOfRun, type RunValues } from "../../invocation/spoiling-args.ts";
import type { InvocationInputs, RecordAccess } from "../../model/build-record.ts";
import { digestOf } from "../../model/digest.ts";
import { byKey } from "../../model/order.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";
import type { InvocationReading } from "./read-invocation.ts";

/** Key of a build among those that push to one image name. Under it lies the build's last record. */
export type BuildKey = string;

/**
 * Returns the keys of a build, the narrowest first. The wide key depends on the paths of context and Dockerfile, the target and the platforms.
 * The narrow one depends also on args and named contexts, by which variants of one image differ; values that differ in every run are left
 * out, so that such a run finds the one before. Both are one key where nothing narrows.
 */
export function lastKeys(
  {
    invocation,
    platforms,
    files,
    dockerfile,
  }: Pick<InvocationReading, "invocation" | "platforms" | "files"> & { readonly dockerfile: string },
  inputs: InvocationInputs,
  run: RunValues,
): readonly [BuildKey, ...BuildKey[]] {
  const wide = [files.places.context, dockerfile, invocation.target ?? null, [...platforms].sort()];
  const counted = new Map(inputs.platforms.flatMap(({ args }) => Object.entries(args)));
  const variant = [
    ...Object.keys(invocation.args).map((name) => [`arg ${name}`, counted.get(name)] as const),
    ...Object.entries(invocation.contexts).map(([name, value]) => [`context ${name}`, value] as const),
  ].filter(([, value]) => value !== undefined && !isOfRun(value, run));
  const wideKey = keyOf(wide);
  return variant.length === 0 ? [wideKey] : [keyOf([...wide, variant.sort(byKey(([name]) => name))]), wideKey];
}

function keyOf(parts: readonly unknown[]): BuildKey {
  return digestOf(JSON.stringify(parts));
}

/** Reads the last record of each key, from the run's own set before the shared one, because it is closer to this build. */
export async function findLastRecords(
  registry: Registry,
  records: { readonly store: ImageName; readonly access: RecordAccess } | undefined,
  keys: readonly BuildKey[],
): Promise<ReadonlyMap<BuildKey, LastRecord>> {
  if (records === undefined) return new Map();
  const { store, access } = records;
  const find = async (key: BuildKey): Promise<readonly (readonly [BuildKey, LastRecord])[]> => {
    for (const set of [...access.reads].reverse()) {
      const last = await findLastRecord(registry, { name: store, set }, key);
      if (last !== undefined) return [[key, last]];
    }
    return [];
  };
  return new Map((await Promise.all(keys.map(find))).flat());
}
