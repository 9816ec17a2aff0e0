import { z } from "zod";
import { errorKindNames } from "./error-kinds.ts";
import { type Digest, isDigest } from "../../src/model/digest.ts";
import { parsePlatform, type Platform } from "../../src/model/platform.ts";
import { type ImageName, parseImageName } from "../../src/model/reference.ts";

// Values that several documents have. A pattern is what the JSON Schema says; the check behind it is the program's own.

export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .describe("Of OCI content, or a fingerprint.")
  .pipe(z.custom<Digest>((value) => typeof value === "string" && isDigest(value)));

export const platform = z
  .string()
  .regex(/^[a-z0-9_.-]+\/[a-z0-9_.-]+(\/[a-z0-9_.-]+)?$/)
  .describe("os/architecture[/variant]: linux/amd64, linux/arm/v7.")
  .pipe(z.custom<Platform>((value) => typeof value === "string" && parsePlatform(value) === value));

export const imageName = z
  .string()
  .regex(/^[^/\s@]+(\/[a-z0-9._-]+)+$/)
  .describe("Registry host and repository path in full, without tag or digest: ghcr.io/acme/shop/api.")
  .pipe(z.custom<ImageName>((value) => typeof value === "string" && parseImageName(value) === value));

export const pullable = z
  .string()
  .regex(/^[^/\s@]+(\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/)
  .describe("An image to pull: name@sha256:….");

export const commit = z
  .string()
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
  .describe("A git commit, in full.");

export const time = z.iso.datetime({ offset: true }).describe("ISO 8601.");

export const seconds = z.number().min(0).describe("Seconds.");

export const count = z.int().min(0);

export const record = z
  .string()
  .min(1)
  .describe("The tag of a record in the release repository: 1.2.0, branch.main.…, rollback.…, abandoned.of.….");

export const releaseName = z
  .string()
  .min(1)
  .describe("A release as commands take it: 1.2.0, 1.2.0+9; of another group, or a branch, the tag of its record.");

export const service = z.string().min(1).describe("A service's name.");

export const names = z.array(z.string());

export const errorCode = z.enum([
  "usage",
  "configuration",
  "repository",
  "refused",
  "credentials",
  "unavailable",
  "failed",
  "interrupted",
]);

export const errorKind = z.enum(errorKindNames());

/** What the documents of several commands say of a release. */
export const releaseFields = {
  record,
  group: z.string(),
  version: z.string().nullable().describe("Null: a branch's release."),
  branch: z.string().nullable().describe("Null: a version's release."),
  commit,
  releasedAt: time,
};
