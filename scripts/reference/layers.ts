import { z } from "zod";
import type { LayersDocument } from "../../src/model/layers-document.ts";
import { written } from "./json.ts";
import { count, digest, names, platform, pullable, releaseName, service } from "./values.ts";

const bytes = z.int().describe("Bytes, compressed.");
const size = count.describe("Bytes, compressed.");
const origin = z.enum(["base", "own", "unknown"]);
const instruction = z.string().nullable().describe("Null: the image's history does not say it.");

const base = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("image"), reference: z.string(), digest, layers: count }),
    z.object({ kind: z.literal("none") }),
    z.object({ kind: z.literal("unknown"), because: z.string() }),
  ])
  .describe("The image that the lowest layers come from. `none`: the image starts from scratch.");

const growth = z
  .object({
    since: releaseName,
    bytes,
    pull: z.object({
      ofService: size.describe("By a node that has this service's image of that release."),
      ofRelease: size.describe("By a node that has the images of all services of that release."),
    }),
    changes: z
      .array(
        z.object({
          instruction: instruction.describe("Null: the image's history does not say it. Of a base: its reference."),
          origin,
          before: size.nullable().describe("Null: there was none."),
          after: size.nullable().describe("Null: it is gone."),
        }),
      )
      .describe("Where layers differ; the largest change first."),
  })
  .nullable()
  .describe("Null: there is no release to compare with, or it has no such image.");

const fileSize = count.describe("Bytes, uncompressed.");
const layer = count.describe("A number in `layers`, from 0.");

const files = z
  .object({
    wastedBytes: fileSize.describe("Bytes that a later layer overwrites or deletes; uncompressed."),
    diveEfficiency: z.number().nullable().describe("dive's figure, 0 to 1; null: a layer was not read."),
    wasted: z
      .array(
        z.object({
          path: z.string(),
          size: fileSize,
          layer,
          how: z.enum(["overwritten", "deleted"]),
          by: layer.describe("The layer that does it."),
        }),
      )
      .describe("The largest of these files."),
    largest: z
      .array(z.object({ path: z.string(), size: fileSize, layer }))
      .describe("The largest files that a container sees."),
    leftovers: z
      .array(z.object({ manager: z.string(), layer, bytes: fileSize, files: count, advice: z.string() }))
      .describe("Caches and lists that package managers left in own layers."),
    unread: z
      .array(
        z.object({ layer, because: z.string(), isFault: z.boolean().describe("The image is damaged: exit code 1.") }),
      )
      .describe("Layers that were not read to their end."),
  })
  .nullable()
  .describe("Files of the layers; null: not read (--files).");

export const layers = written<LayersDocument>()(
  z.object({
    version: z.literal(1),
    images: z.array(
      z.object({
        service,
        platform,
        release: releaseName,
        image: pullable.describe("The platform's image: name@sha256:…."),
        size: size.describe("Configuration and layers, each once; bytes, compressed."),
        base,
        layers: z
          .array(
            z.object({
              digest,
              mediaType: z.string(),
              size,
              instruction,
              origin,
              sharedWith: names.describe("Other services whose released image has the same layer."),
              place: z
                .string()
                .nullable()
                .describe("DOCKERFILE:LINE; null: a base's layer, or no instruction there is the same."),
              isNew: z.boolean().nullable().describe("Null: nothing is compared."),
            }),
          )
          .describe("From the lowest to the highest."),
        growth,
        files,
      }),
    ),
    over: names.describe("Images above --max-size or --max-growth."),
    notes: names.describe("Facts that could not be found out."),
  }),
);
