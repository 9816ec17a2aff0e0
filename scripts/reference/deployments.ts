import { z } from "zod";
import type { DeployedRelease } from "../../src/model/deployed.ts";
import type { PinDocument } from "../../src/model/pin-document.ts";
import { written } from "./json.ts";
import { count, digest, names, releaseName, service } from "./values.ts";

export const deployed = written<DeployedRelease>()(
  z.object({
    state: z
      .enum(["exactly", "partly", "mixed", "unknown", "nothing"])
      .describe(
        "exactly: all services of one release. partly: images of one release, and not all of its services. mixed: no release has all of them. unknown: no image is of a release. nothing: there are no digests.",
      ),
    releases: z.array(releaseName).describe("Releases that have all known images, the newest first."),
    services: z.array(
      z.object({
        service,
        digest,
        releases: z.array(releaseName).describe("Releases that ship it, the newest first."),
      }),
    ),
    missing: z.array(service).describe("Services of the newest of these releases that do not run."),
    unknown: names.describe("Images that no release has."),
    unpinned: names.describe("Images without a digest, which may be any."),
    compared: count.describe("Number of releases that were compared."),
  }),
);

export const pin = written<PinDocument>()(
  z.object({
    version: z.literal(1),
    release: releaseName,
    because: z.string().nullable().describe("Why this release; null: the user named it."),
    format: z.enum(["compose", "kustomize", "helm", "flux"]),
    state: z
      .enum(["printed", "written", "same", "pushed", "there"])
      .describe(
        "printed: nothing was written. written, same: the file was changed, or pinned this release already. pushed, there: the artifact was pushed, or was there already.",
      ),
    file: z.string().nullable().describe("The file that is pinned; null: the text stands alone."),
    text: z
      .string()
      .describe("Content of the file with the pins; of an artifact, the resources with which Flux takes it."),
    services: z.array(service),
    left: names.describe("Images of the release that are not pinned there, with the reason."),
    artifact: z
      .object({
        reference: z.string().describe("name:tag."),
        digest: digest.nullable().describe("Null until it is pushed."),
        files: names,
      })
      .nullable()
      .describe("The artifact for Flux; null: another format."),
  }),
);
