import { z } from "zod";
import type { AbandonDocument, BuildDocument, ReleaseDocument, RollbackDocument } from "../../src/model/documents.ts";
import type { AbandonmentRecord, ReleaseManifest, RollbackRecord } from "../../src/model/release.ts";
import { written } from "./json.ts";
import { plan } from "./plan.ts";
import {
  commit,
  count,
  digest,
  imageName,
  names,
  platform,
  pullable,
  record,
  releaseName,
  seconds,
  service,
  time,
  errorCode,
  errorKind,
} from "./values.ts";

const tags = z.object({
  version: names.describe("Tags that never move."),
  moving: names.describe("Tags that move with newer releases."),
});

export const releasedWork = z.object({
  reason: z
    .object({
      kind: z.string().describe("A plan's sort of reason; later versions may have others."),
      text: z.string(),
      causes: z.array(z.object({ what: z.string(), name: z.string() })).describe("Changed inputs; at most 20."),
    })
    .nullable()
    .describe("Null: not known."),
  builderSeconds: seconds.nullable().describe("Of this release's solves, over all platforms; null: it built nothing."),
  savedSeconds: seconds
    .nullable()
    .describe("Duration of the last builds of the reused platforms; null: nothing was reused, or it was not measured."),
  vertices: z
    .object({ all: count, cached: count })
    .nullable()
    .describe("Instructions of the solves, and those from a cache; null: not counted."),
});

const releasedService = z.object({
  service,
  images: z.tuple([imageName], imageName).describe("Where the image is; the first is the original."),
  digest: digest.describe("Of the index over the platforms: what to pull."),
  platforms: z.array(
    z.object({
      platform,
      digest,
      fingerprint: digest,
      size: count.describe("Compressed bytes, configuration and layers."),
      attestations: z
        .array(digest)
        .exactOptional()
        .describe("Attestation manifests of the image. Absent in records of earlier versions."),
    }),
  ),
  origin: z
    .enum(["built", "reused", "kept"])
    .describe("Origin of the image in this release: built, found, or kept from the last release."),
  commit: commit.describe("The commit that the image was built from."),
  builtAt: time,
  buildSeconds: seconds.nullable().describe("When this release built it."),
  work: releasedWork.exactOptional().describe("Absent in records of earlier versions."),
  tags: tags.describe("Of the first image name, and of every other one that imageTags does not hold."),
  imageTags: z
    .record(z.string(), tags)
    .exactOptional()
    .describe("Of the image names that have their own; absent: none has."),
});

export const releaseManifest = written<ReleaseManifest>()(
  z
    .object({
      schemaVersion: z.literal(1),
      group: z.string(),
      subject: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("version"), version: z.string() }),
        z.object({
          kind: z.literal("branch"),
          branch: z.string(),
          generation: count.describe(
            "How many commits the released one has behind it, itself included: larger is newer.",
          ),
          committedAt: time,
          revision: count.describe("1, and one more each time the same commit is released with other images."),
        }),
      ]),
      commit,
      source: z.string().describe("The repository's address, without credentials; empty when it has none."),
      releasedAt: time,
      previous: z
        .object({ record, commit })
        .nullable()
        .describe("The release before it in the same line; null for the first."),
      run: z
        .object({ id: z.string(), attempt: count })
        .exactOptional()
        .describe("GitHub's run that made it; absent: made elsewhere, or by an earlier version."),
      services: z.array(releasedService).describe("Sorted by service."),
      bases: z
        .array(
          z.object({
            digest: digest.describe("Of the platform's image manifest."),
            env: z.record(z.string(), z.string()),
            onBuild: z.array(z.string()),
          }),
        )
        .exactOptional()
        .describe(
          "Images that services started from, sorted by digest, as far as their configuration decides inputs. Absent where they are not known, and in records of earlier versions.",
        ),
    })
    .meta({ id: "releaseManifest" }),
);

export const rollbackRecord = written<RollbackRecord>()(
  z.object({
    schemaVersion: z.literal(1),
    group: z.string(),
    to: record.describe("The record it goes back to."),
    knew: z.array(record).describe("Every release record that was there when it was decided, sorted."),
    decidedAt: time,
  }),
);

export const abandonmentRecord = written<AbandonmentRecord>()(
  z.object({
    schemaVersion: z.literal(1),
    group: z.string(),
    release: record.describe("The record that is put aside."),
    abandonedAt: time,
  }),
);

const builtService = z
  .object({
    service,
    outcome: z.enum(["reused", "built", "failed", "cancelled"]),
    image: pullable
      .nullable()
      .describe("Of the index over the platforms; null when there is none: it failed, or the run publishes nothing."),
    kept: z.boolean().describe("Rebuilt to the same content: the published image stays."),
    seconds: seconds.nullable().describe("How long the build took; null when there was none."),
    because: z.string().nullable().describe("Why it failed or was cancelled."),
    errorKind: errorKind.nullable().describe("Kind of the error, for programs: see cli.md; null: it did not fail."),
    code: errorCode.nullable().describe("Follows from the kind, and decides the exit code; null when it did not fail."),
    hint: z.string().nullable().describe("Remedy."),
  })
  .meta({ id: "builtService" });

export const build = written<BuildDocument>()(
  z.object({
    version: z.literal(1),
    commit,
    services: z.array(builtService).describe("In dependency order."),
  }),
);

export const release = written<ReleaseDocument>()(
  z.object({
    version: z.literal(1),
    state: z
      .enum(["released", "already", "failed", "dry-run", "nothing"])
      .describe(
        "already: the same release was there, and its tags are in place now. failed: a service failed, nothing moved. nothing: where the version comes from says of none that is to be released.",
      ),
    because: z.string().nullable().describe("Why this version, or why none, when nobody gave it; null otherwise."),
    plan: plan.nullable().describe("Null when the release was there already, and nothing had to be planned."),
    services: z.array(builtService),
    tags: z
      .array(
        z.object({
          service,
          image: z.string(),
          tag: z.string(),
          action: z
            .enum(["create", "move", "already", "stay"])
            .describe(
              "already: it is where this release would put it. stay: it belongs to another release, and is there.",
            ),
          release: releaseName.describe("The release that the tag belongs to, once this one is made."),
          because: z.string().nullable().describe("Why it belongs to another release; null: it belongs to this one."),
        }),
      )
      .describe("Tags as a dry run expects them; empty otherwise."),
    releases: z
      .array(
        z.object({
          record,
          manifest: releaseManifest,
          githubRelease: z
            .object({
              url: z.string(),
              state: z
                .enum(["published", "updated", "same", "draft"])
                .describe(
                  "published: made now. updated: it was there and was added to. same: it had everything. draft: somebody else's, added to and left to them to publish.",
                ),
            })
            .nullable()
            .describe("Null: none was written: a branch, no token, --no-github-release, or no repository on GitHub."),
        }),
      )
      .describe("One a release group."),
    notes: z.string().nullable().describe("The release notes, Markdown."),
  }),
);

const movedTags = z.array(
  z.object({
    service,
    image: z.string(),
    tag: z.string(),
    from: digest.nullable().describe("Null: the tag was not there."),
    to: digest,
    state: z
      .enum(["already", "created", "moved", "contested", "conflict", "failed"])
      .describe("contested: another run moves it. conflict: a version tag is at other content."),
  }),
);

export const rollback = written<RollbackDocument>()(
  z.object({
    version: z.literal(1),
    to: releaseName.describe("The release that was gone back to."),
    record: record.nullable().describe("The rollback's own record; null in a dry run."),
    already: z.boolean().describe("The same rollback was there already."),
    tags: movedTags,
  }),
);

export const abandon = written<AbandonDocument>()(
  z.object({
    version: z.literal(1),
    release: releaseName.describe("The release that is put aside."),
    record: record.nullable().describe("The abandonment's own record; null in a dry run."),
    already: z.boolean().describe("The release was abandoned before."),
    tags: movedTags.describe("Its moving tags that belong to another release now."),
    left: z
      .array(z.string())
      .describe("IMAGE:TAG that stay where they are: its version tags, and moving tags that no other release gives."),
  }),
);
