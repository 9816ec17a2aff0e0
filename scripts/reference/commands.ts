import { z } from "zod";
import type { ErrorDocument } from "../../src/errors.ts";
import type { ServicesDocument } from "../../src/model/documents.ts";
import type { Status } from "../../src/model/status-document.ts";
import type { ReplayDocument } from "../../src/model/replay-document.ts";
import { deployed } from "./deployments.ts";
import { written } from "./json.ts";
import {
  commit,
  count,
  digest,
  errorCode,
  errorKind,
  imageName,
  record,
  releaseFields,
  releaseName,
  service,
  time,
} from "./values.ts";

export const services = written<ServicesDocument>()(
  z.object({
    services: z.array(
      z.object({
        service,
        context: z.string().describe("From the repository's root; `.` is the root."),
        dockerfile: z.string().describe("From the repository's root."),
        target: z.string().nullable().describe("The stage; null: the last one."),
        args: z.record(z.string(), z.string()),
        images: z.array(z.string()).describe("Where images go; the first holds fingerprints and caches."),
        needs: z.array(service).describe("Services that must be done first."),
        platforms: z.array(z.string()),
      }),
    ),
    leftOut: z.array(z.object({ path: z.string(), because: z.string() })).describe("Dockerfiles that nobody ships."),
    unplannable: z
      .array(
        z.object({
          service,
          because: z.string(),
          hint: z.string().nullable().describe("Remedy; null: the reason names it."),
        }),
      )
      .describe("Services whose inputs cannot be read from the files that are there now."),
  }),
);

export const status = written<Status>()(
  z.object({
    releases: z
      .array(
        z.object({
          ...releaseFields,
          isFinished: z.boolean().describe("Whether all its tags were put where they belong, once."),
          state: z
            .enum(["finished", "unfinished", "spoilt", "abandoned"])
            .describe(
              "spoilt: a version tag holds another image than the record says. abandoned: put aside by a record.",
            ),
          services: z.array(
            z.object({
              service,
              images: z.array(imageName),
              digest: digest.describe("Of the index over the platforms: what to pull."),
              origin: z.enum(["built", "reused", "kept"]),
              commit: commit.describe("The commit that the image was built from."),
              builtAt: time,
              ageSeconds: count.describe("Since it was built."),
            }),
          ),
        }),
      )
      .describe("The newest first."),
    rollbacks: z.array(z.object({ record, to: releaseName, decidedAt: time })),
    tags: z
      .array(
        z.object({
          service,
          image: imageName,
          tag: z.string(),
          kind: z.enum(["version", "moving"]),
          isAt: digest.nullable().describe("Null: the tag is not there."),
          belongsAt: digest,
          release: releaseName.describe("The release it belongs to."),
          rollback: record.nullable().describe("The record of the rollback that holds it there."),
          wrong: z.string().nullable().describe("Null: it is where it belongs."),
        }),
      )
      .describe("Tags of the releases shown, sorted by image and tag."),
    unfinished: z.array(record).describe("Records whose tags are not known to be in place, oldest first."),
    spoilt: z
      .array(record)
      .describe("Releases of which a version tag holds another image than the record says, oldest first."),
    abandonments: z.array(z.object({ record, release: releaseName, abandonedAt: time })),
    deployed: deployed
      .exactOptional()
      .describe("The release that a list of images belongs to; absent: no list was given."),
  }),
);

export const replay = written<ReplayDocument>()(
  z.object({
    version: z.literal(1),
    totals: z.object({
      commits: count,
      built: count,
      reused: count,
      needless: count.describe("Builds that building everything at every commit does for nothing."),
      missedByFolder: count.describe("Builds that a rule by folders would miss."),
      minutesSaved: z.number().nullable().describe("Null without --build-seconds."),
    }),
    services: z.array(z.object({ service, built: count, reused: count, missedByFolder: count })),
    commits: z.array(
      z.object({
        commit,
        subject: z.string(),
        at: time,
        built: z.array(service).describe("Services whose inputs changed."),
        reused: z.array(service).describe("Services whose inputs did not change."),
        missedByFolder: z.array(service).describe("Built, though nothing in the service's own folder changed."),
        unreadable: z.string().nullable().describe("Why nothing can be said of this commit."),
      }),
    ),
  }),
);

export const error = written<ErrorDocument>()(
  z.object({
    error: z.object({
      kind: errorKind.describe("Kind of the error, for programs: see cli.md."),
      code: errorCode.describe("Follows from the kind. Each has one exit code: see cli.md."),
      message: z.string().describe("The action and its fault; faults in files have a line each."),
      hint: z.string().nullable().describe("Remedy."),
      diagnostics: z
        .array(
          z.object({
            file: z.string(),
            line: z.int().min(1).exactOptional(),
            column: z.int().min(1).exactOptional(),
            message: z.string(),
          }),
        )
        .describe("Faults in files that a person wrote."),
    }),
  }),
);
