import { z } from "zod";
import type { Event } from "../../src/event.ts";
import { written } from "./json.ts";
import { plan, step } from "./plan.ts";
import {
  count,
  digest,
  errorKind,
  imageName,
  names,
  platform,
  record,
  releaseName,
  seconds,
  service,
  time,
} from "./values.ts";

const solve = { service, platform };
const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("reused"), digest }),
  z.object({
    kind: z.literal("built"),
    digest: digest.nullable().describe("Null: the run publishes nothing, so nobody can have it."),
    seconds,
    kept: z.boolean().describe("Rebuilt to the same content: the published digest stays."),
  }),
  z.object({
    kind: z.literal("failed"),
    errorKind,
    because: z.string(),
    registry: z.string().describe("The registry that refused for lack of a login or of permission.").exactOptional(),
    hint: z.string().describe("Remedy.").exactOptional(),
    seconds,
    log: names.describe("The last lines."),
    place: z
      .object({ file: z.string(), line: count })
      .describe("The line of the Dockerfile whose instruction failed, where BuildKit says which.")
      .exactOptional(),
  }),
  z.object({ kind: z.literal("cancelled"), because: z.string() }),
]);

const cacheUse = z.object({
  tier: z.enum(["gha", "registry", "latest", "inline"]),
  direction: z.enum(["import", "export"]),
  reference: z.string(),
  state: z.enum(["used", "missing", "failed", "left-out"]),
  seconds,
  because: z.string().exactOptional(),
  layers: count.exactOptional().describe("Layers that an export wrote."),
});

function line<Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) {
  return z.object({ at: time, kind: z.literal(kind), ...shape });
}

export const event = written<{ readonly at: string } & Event>()(
  z.discriminatedUnion("kind", [
    line("phase", { phase: z.enum(["discover", "plan", "build", "commit", "promote", "notes"]) }),
    line("warning", { message: z.string(), service: service.exactOptional() }),
    line("notice", { message: z.string() }),
    line("planned", { plan, seconds }),
    line("decided", { step }),
    line("solve-started", solve),
    line("vertex", {
      ...solve,
      name: z.string(),
      state: z.enum(["started", "cached", "done", "failed"]),
      seconds,
    }),
    line("log", { ...solve, line: z.string() }),
    line("cache", { ...solve, use: cacheUse }),
    line("solve-ended", {
      ...solve,
      cachedVertices: count,
      ranVertices: count,
      cachedBytes: count.describe("Of layers that were fetched from caches."),
      seconds,
    }),
    line("service-ended", { service, outcome }),
    line("committed", {
      record,
      release: releaseName,
      digest,
      already: z.boolean().describe("The same release was there."),
    }),
    line("tag", {
      image: imageName,
      tag: z.string(),
      from: digest.nullable().describe("Null: the tag was not there."),
      to: digest,
      state: z.enum(["created", "moved", "already", "stays", "failed"]),
      because: z.string().exactOptional(),
    }),
    line("github-release", {
      tag: z.string(),
      state: z
        .enum(["published", "updated", "same", "draft", "left-out"])
        .describe("draft: somebody else's, added to. left-out: nothing was written."),
      url: z.string().nullable(),
      because: z.string().exactOptional(),
    }),
    line("waiting", { message: z.string(), seconds }),
    line("summary", {
      built: count,
      reused: count,
      failed: count,
      cancelled: count,
      seconds,
      builtBytes: count.describe("Compressed bytes of the images that were built."),
      requests: count.describe("Requests to registries."),
      bytes: count.describe("Bytes that Slipway itself read from and wrote to registries."),
    }),
  ]),
);
