import { z } from "zod";
import type { CacheListDocument, CachePruneDocument } from "../../src/model/cache-documents.ts";
import { written } from "./json.ts";
import { count, names, time } from "./values.ts";

const stored = {
  tier: z.enum(["gha", "registry"]),
  kind: z
    .enum(["index", "layer", "cache", "build", "other"])
    .describe(
      "`index` and `layer`: on GitHub. `cache`: a service's in a registry. `build`: what a run pushed. `other`: none of Slipway's.",
    ),
  name: z.string().describe("The key on GitHub, or the tag with its image name."),
  id: z.int().nullable().describe("GitHub's number of the entry."),
  digest: z.string().nullable().describe("Of a tag."),
  service: z.string().nullable().describe("Null: of no single service."),
  platform: z.string().nullable(),
  ref: z.string().nullable().describe("The git reference whose runs wrote it."),
  pullRequest: z.int().nullable(),
  bytes: count,
  createdAt: time.nullable().describe("Null: not known."),
  lastUsedAt: time.nullable().describe("Null: not known."),
};
const notes = names.describe("Facts that could not be found out, each with the remedy.");

export const cacheList = written<CacheListDocument>()(
  z.object({
    version: z.literal(1),
    github: z
      .object({ repository: z.string(), entries: count, bytes: count })
      .nullable()
      .describe("All that is stored, whatever was asked for; null: GitHub was not asked."),
    caches: z.array(z.object(stored)),
    notes,
  }),
);

export const cachePrune = written<CachePruneDocument>()(
  z.object({
    version: z.literal(1),
    state: z
      .enum(["dry-run", "pruned", "partly", "nothing"])
      .describe("`partly`: some could not be deleted, or were too many for one run; the same command goes on."),
    caches: z
      .array(
        z.object({
          ...stored,
          because: z.string(),
          state: z
            .enum(["would-go", "deleted", "gone", "failed", "left"])
            .describe("`gone`: it was deleted already. `left`: for the next run."),
          failure: z.string().nullable(),
        }),
      )
      .describe("Entries to delete, in the order of their deletion."),
    kept: z.object({ entries: count, bytes: count }),
    commands: names.describe("Commands that delete the same of GitHub's cache by hand."),
    notes,
  }),
);
