import { z } from "zod";
import type { VerifyDocument } from "../../src/model/verification.ts";
import { written } from "./json.ts";
import { digest, imageName } from "./values.ts";

const signer = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("workflow"),
      issuer: z.string().describe("The token service."),
      subject: z.string().describe("The workflow: `https://github.com/OWNER/REPO/.github/workflows/FILE@REF`."),
      repository: z.string(),
      repositoryId: z.string(),
      ownerId: z.string(),
      commit: z.string(),
      ref: z.string(),
      runner: z.string().describe("`github-hosted` or `self-hosted`."),
      event: z.string(),
      run: z.string().describe("The run's address."),
    }),
    z.object({ kind: z.literal("key"), key: digest.describe("Of the public key as DER.") }),
  ])
  .describe("Signer, by its certificate or key. The build itself cannot write any of it.");

const statement = z.object({
  predicateType: z.string(),
  signer,
  signedAt: z.string().nullable().describe("ISO 8601; null: a key signed, and nobody said when."),
  madeFrom: z
    .array(z.object({ name: z.string(), digest: z.string() }))
    .describe("Materials of the image: repository, bases, frontend, contexts, as the build itself states them."),
});

export const verification = written<VerifyDocument>()(
  z.object({
    version: z.literal(1),
    release: z.string().nullable().describe("The release's record; null: an image was named."),
    isProven: z.boolean(),
    missing: z.array(z.string()).describe("Missing proofs of the release itself."),
    images: z.array(
      z.object({
        service: z.string().nullable().describe("Null: the image was named by itself."),
        name: imageName.describe("Where it was looked for."),
        digest,
        isProven: z.boolean(),
        statements: z.array(statement).describe("Statements that count."),
        hasSbom: z.boolean().describe("Whether there is a list of packages."),
        missing: z.array(z.string()).describe("Missing proofs."),
        distrusted: z.array(z.string()).describe("Why statements that are there do not count."),
      }),
    ),
  }),
);
