import { z } from "zod";
import type { SbomDocument } from "../../src/model/sbom-document.ts";
import { written } from "./json.ts";
import { digest, names, platform, pullable, releaseName, service } from "./values.ts";

const fields = {
  id: z.string().describe("Package URL without version and qualifiers; `name:NAME` without a package URL."),
  name: z.string(),
  version: z.string().describe("Empty: not given."),
  purl: z.string().nullable().describe("Package URL; null: the SBOM has none that can be parsed."),
  license: z.string().nullable().describe("SPDX expression or name; null: not known."),
  digests: names.describe("Of the package's content, `sha256:HEX`."),
};
const listed = z.array(z.object(fields));
const changes = z.object({
  added: listed,
  removed: listed,
  changed: z.array(z.object({ id: z.string(), before: names, after: names })).describe("Versions before and after."),
  otherContent: listed.describe("The same version with another digest."),
});

export const sbom = written<SbomDocument>()(
  z.object({
    version: z.literal(1),
    service,
    platform,
    release: releaseName,
    image: pullable.describe("The platform's image: name@sha256:…."),
    statement: digest.describe("Of the in-toto statement in the registry."),
    tool: z.string().describe("Program that made the SBOM; empty: not named."),
    base: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("known"), reference: z.string() }),
      z.object({ kind: z.literal("unknown"), because: z.string() }),
      z.object({ kind: z.literal("none") }),
    ]),
    packages: z
      .array(z.object({ ...fields, from: z.enum(["base", "service"]) }))
      .describe("Each once, sorted by id and version."),
    changes: z
      .object({
        since: releaseName,
        service: changes,
        base: changes.nullable().describe("Null: packages of the base are not told apart in both releases."),
      })
      .nullable()
      .describe("Null: without --diff."),
    notes: names.describe("Facts that could not be found out."),
  }),
);
