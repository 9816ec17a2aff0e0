import { compareContent } from "../../images/compare-content.ts";
import type { RecordedPush } from "../../model/build-record.ts";
import type { Digest } from "../../model/digest.ts";
import type { Platform } from "../../model/platform.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";
import { readWholeContent } from "../planning/early-cutoff.ts";

/**
 * Whether the built image and the one that would have been reused have the same content for a container, on every platform; file times
 * aside.
 */
export async function isSameForContainers(
  registry: Registry,
  built: { readonly name: ImageName; readonly digest: Digest },
  recorded: Pick<RecordedPush, "name" | "digest">,
  platforms: readonly Platform[],
): Promise<boolean> {
  if (built.digest === recorded.digest) return true;
  const same = await Promise.all(
    platforms.map(async (platform) => {
      const [ours, theirs] = await Promise.all([
        readWholeContent(registry, { ...built, platform }),
        readWholeContent(registry, { ...recorded, platform }),
      ]);
      if (ours === undefined || theirs === undefined) return false;
      return (await compareContent(registry, [built.name, ours], [recorded.name, theirs])).length === 0;
    }),
  );
  return same.every(Boolean);
}
