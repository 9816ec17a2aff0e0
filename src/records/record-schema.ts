import * as z from "zod";
import { parseJson } from "../formats/json.ts";
import { type Digest, isDigest } from "../model/digest.ts";
import { type Platform, parsePlatform } from "../model/platform.ts";
import { type ImageName, isTag, parseImageName } from "../model/reference.ts";
import type { AbandonmentRecord, ReleaseManifest, RollbackRecord } from "../model/release.ts";

const digest = z.custom<Digest>((value) => typeof value === "string" && isDigest(value));
const platform = z.custom<Platform>((value) => typeof value === "string" && parsePlatform(value) === value);
const imageName = z.custom<ImageName>((value) => typeof value === "string" && parseImageName(value) === value);

/** The text becomes part of a URL: one that is not a tag could lead elsewhere. */
const tag = z.custom<string>((value) => typeof value === "string" && isTag(value));
const tags = z.object({ version: z.array(tag), moving: z.array(tag) });
const time = z.custom<string>((value) => typeof value === "string" && !Number.isNaN(Date.parse(value)));

const seconds = z.number().nullable();
const workSchema = z.object({
  reason: z
    .object({
      kind: z.string(),
      text: z.string(),
      causes: z.array(z.object({ what: z.string(), name: z.string() })),
    })
    .nullable(),
  builderSeconds: seconds,
  savedSeconds: seconds,
  vertices: z.object({ all: z.number(), cached: z.number() }).nullable(),
});

const serviceSchema = z.object({
  service: z.string(),
  images: z.tuple([imageName], imageName),
  digest,
  platforms: z.array(
    z.object({
      platform,
      digest,
      fingerprint: digest,
      size: z.number(),
      attestations: z.array(digest).exactOptional(),
    }),
  ),
  origin: z.enum(["built", "reused", "kept"]),
  commit: z.string(),
  builtAt: time,
  buildSeconds: z.number().nullable(),
  work: workSchema.exactOptional(),
  tags,
  imageTags: z.record(z.string(), tags).exactOptional(),
});

const releaseSchema = z.object({
  schemaVersion: z.literal(1),
  group: z.string(),
  subject: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("version"), version: z.string() }),
    z.object({
      kind: z.literal("branch"),
      branch: z.string(),
      generation: z.number(),
      committedAt: z.string(),
      revision: z.number(),
    }),
  ]),
  commit: z.string(),
  source: z.string(),
  releasedAt: time,
  previous: z.object({ record: z.string(), commit: z.string() }).nullable(),
  run: z.object({ id: z.string(), attempt: z.number() }).exactOptional(),
  services: z.array(serviceSchema),
  bases: z
    .array(z.object({ digest, env: z.record(z.string(), z.string()), onBuild: z.array(z.string()) }))
    .exactOptional(),
});

const rollbackSchema = z.object({
  schemaVersion: z.literal(1),
  group: z.string(),
  to: z.string(),
  knew: z.array(z.string()),
  decidedAt: time,
});

const abandonmentSchema = z.object({
  schemaVersion: z.literal(1),
  group: z.string(),
  release: z.string(),
  abandonedAt: time,
});

/** A schema that reads a handful of records is not worth compiling. */
const once = { jitless: true };

/** Parses a release manifest; undefined when it is not one, or of an unknown version. */
export function parseReleaseManifest(bytes: Uint8Array): ReleaseManifest | undefined {
  return releaseSchema.safeParse(parseJson(bytes), once).data;
}

/** Parses a rollback record; undefined when it is not one, or of an unknown version. */
export function parseRollbackRecord(bytes: Uint8Array): RollbackRecord | undefined {
  return rollbackSchema.safeParse(parseJson(bytes), once).data;
}

/** Parses an abandonment record; undefined when it is not one, or of an unknown version. */
export function parseAbandonmentRecord(bytes: Uint8Array): AbandonmentRecord | undefined {
  return abandonmentSchema.safeParse(parseJson(bytes), once).data;
}
