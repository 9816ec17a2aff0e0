import { z } from "zod";
import type { PublishersDocument } from "../../src/model/publishers-document.ts";
import { written } from "./json.ts";

const line = z.number().int().describe("From 1.");

export const publishers = written<PublishersDocument>()(
  z.object({
    version: z.literal(1),
    publishers: z.array(
      z.object({
        file: z.string(),
        line,
        column: line,
        workflow: z.string().describe("The workflow that runs it."),
        job: z.string(),
        step: z.string(),
        how: z
          .string()
          .describe("`build-push-action`, `bake-action`, `fork`, `docker`, `compose`, `kaniko` and so on."),
        builds: z.boolean().describe("False: it pushes or names what another place built."),
        via: z
          .array(z.object({ kind: z.string(), name: z.string(), file: z.string(), line, column: line }))
          .describe("Path from the workflow to the place: called workflows, local actions, scripts, targets of make."),
        understood: z.boolean(),
        because: z.string().nullable().describe("Why it is not understood; null: it is."),
        publishes: z
          .array(
            z.object({
              event: z.string(),
              images: z.array(
                z.object({
                  reference: z.string(),
                  unknown: z.array(z.string()).describe("Parts that are not known before a run."),
                }),
              ),
              perhaps: z.array(z.string()).describe("Conditions on which nothing may be published."),
            }),
          )
          .describe("Events on which nothing is published are absent."),
      }),
    ),
  }),
);
