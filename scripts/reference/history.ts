import { z } from "zod";
import type { HistoryDocument } from "../../src/model/history-document.ts";
import { written } from "./json.ts";
import { releasedWork } from "./release.ts";
import { count, digest, names, platform, releaseFields, seconds, service, time } from "./values.ts";

const knownSum = z.object({
  seconds: seconds.nullable().describe("Null: of no service known."),
  known: count.describe("Services of which it is known."),
  unknown: count.describe("Services of which it is not."),
});

const run = z
  .object({
    id: z.string(),
    attempt: count,
    url: z.string().nullable(),
    queueSeconds: seconds.nullable().describe("Between the attempt's start and that of its first job."),
    jobSeconds: seconds.nullable().describe("Sum over its jobs: machine time."),
    conclusion: z.string().nullable().describe("success, failure, …; null: not known, or it has not ended."),
  })
  .nullable()
  .describe(
    "The run of GitHub Actions; null: not known. Its seconds are null where GitHub was not asked, or has forgotten it.",
  );

export const history = written<HistoryDocument>()(
  z.object({
    version: z.literal(1),
    readAt: time,
    releases: z
      .array(
        z.object({
          ...releaseFields,
          run,
          services: z.array(
            z.object({
              service,
              origin: z.enum(["built", "reused", "kept"]),
              digest,
              buildSeconds: seconds
                .nullable()
                .describe("Of the slowest platform; null: this release did not build it."),
              work: releasedWork
                .nullable()
                .describe("Null: a record of an earlier version, or an image that was kept as it was."),
              platforms: z.array(z.object({ platform, size: count.describe("Compressed bytes.") })),
            }),
          ),
        }),
      )
      .describe("The newest first."),
    totals: z.object({
      releases: count,
      built: count,
      reused: count,
      kept: count,
      builderSeconds: knownSum,
      savedSeconds: knownSum,
    }),
    notes: names.describe("Facts that could not be read, each with the remedy."),
  }),
);
