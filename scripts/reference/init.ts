import { z } from "zod";
import type { InitDocument } from "../../src/model/init-document.ts";
import { written } from "./json.ts";
import { service } from "./values.ts";

export const init = written<InitDocument>()(
  z.object({
    version: z.literal(1),
    state: z
      .enum(["written", "same", "dry-run", "declined"])
      .describe("`same`: everything was there already. `dry-run`, `declined`: nothing was written."),
    layout: z
      .enum(["matrix", "single"])
      .nullable()
      .describe("Null: lines of workflows that are there change, and none is written."),
    source: z.string().describe("Source of the services; empty: none are looked for."),
    services: z.array(
      z.object({
        service,
        dockerfile: z.string(),
        platforms: z.array(z.string()),
        images: z.array(z.string()),
        tags: z.object({ version: z.array(z.string()), branch: z.array(z.string()) }).describe("Templates."),
      }),
    ),
    workflows: z
      .array(z.object({ file: z.string(), becomes: z.enum(["replaced", "kept"]), images: z.array(z.string()) }))
      .describe("Hand-made workflows that publish images."),
    publishers: z
      .array(
        z.object({
          file: z.string(),
          line: z.number().int(),
          column: z.number().int(),
          how: z.string(),
          becomes: z.enum(["reusing", "as-it-is"]),
          because: z.string().nullable().describe("Why it stays as it is; null: it does not, or builds nothing."),
          never: z.array(z.string()).describe("Why its builds are never reused, and what can be done."),
        }),
      )
      .describe("Places that publish from workflows that are there."),
    events: z
      .array(z.object({ event: z.string(), before: z.array(z.string()), after: z.array(z.string()) }))
      .describe("References published on each event before and after a change in place."),
    releaserc: z.string().nullable().describe("The configuration of semantic-release; null: none."),
    files: z.array(
      z.object({
        path: z.string(),
        change: z.enum(["create", "change", "remove", "same"]),
        written: z
          .enum(["generated", "edited", "foreign"])
          .nullable()
          .describe("Whether a person changed what is there; null: nothing is there."),
        diff: z.string().describe("Unified, as `git apply` takes it; empty: no difference."),
      }),
    ),
    notCarried: z
      .array(z.object({ file: z.string(), line: z.number().int(), message: z.string() }))
      .describe("Parts of the old workflow that the new one does not take over; only with `--force`."),
    replaced: z.array(z.string()).describe("Parts of the old workflow that Slipway does in its own way."),
    notes: z.array(z.string()),
  }),
);
