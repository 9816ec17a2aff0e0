import { z } from "zod";
import type { Inputs } from "../../src/model/inputs.ts";
import type { Plan } from "../../src/model/plan.ts";
import { written } from "./json.ts";
import { commit, digest, names, platform, pullable, seconds, service, time } from "./values.ts";

const change = z
  .object({
    what: z.enum(["file", "instruction", "arg", "base", "context", "setting"]),
    name: z.string(),
    change: z.enum(["added", "removed", "changed"]),
  })
  .describe("A difference to the inputs of the published image.");

const uncounted = z
  .object({
    what: z.enum(["proxy", "secret", "ssh", "stamp", "unread"]),
    name: z.string(),
    from: z.string().describe("Where it is given: build args, secrets, ssh, config.json of the Docker client."),
  })
  .describe("Something that the service gives and its fingerprint does not cover.");

const reason = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("unchanged") }),
    z.object({ kind: z.literal("no-image") }),
    z.object({ kind: z.literal("platform-missing"), platforms: z.array(platform) }),
    z.object({ kind: z.literal("inputs-changed"), changes: z.array(change) }),
    z.object({ kind: z.literal("base-moved"), bases: names }),
    z.object({ kind: z.literal("counted-anew") }),
    z.object({ kind: z.literal("may-not-look-up"), because: z.string() }),
    z.object({ kind: z.literal("waits"), for: z.array(service) }),
    z.object({ kind: z.literal("volatile"), because: z.string() }),
    z.object({ kind: z.literal("forced") }),
    z.object({ kind: z.literal("too-old"), builtAt: time, refreshSeconds: seconds }),
    z.object({ kind: z.literal("not-whole"), missing: z.string() }),
  ])
  .describe("Why.")
  .meta({ id: "reason" });

export const step = z
  .object({
    service,
    kind: z
      .enum(["build", "reuse", "pending", "not-planned"])
      .describe(
        "build: an image is made. reuse: the published one gets the new tags. pending: decided when what it needs is done. not-planned: an untrusted run may not look up what it is made from.",
      ),
    platforms: z.array(
      z.object({
        platform,
        fingerprint: digest.nullable().describe("Null while a service it needs is not built."),
        image: pullable.nullable().describe("The platform's published image, when there is one to reuse."),
      }),
    ),
    reason,
    uncounted: z.array(uncounted).exactOptional().describe("Absent where there is nothing."),
  })
  .meta({ id: "step" });

export const plan = written<Plan>()(
  z
    .object({
      version: z.literal(1),
      commit,
      steps: z.array(step).describe("In dependency order."),
    })
    .meta({ id: "plan" }),
);

export const inputs = written<Inputs>()(
  z.object({
    service,
    platform,
    fingerprint: digest.nullable().describe("Null with --offline, and while a service it needs is not built."),
    files: z
      .array(
        z.object({
          path: z.string().describe("From the repository's root, with /."),
          mode: z
            .templateLiteral([z.enum(["10", "12", "04", "01", "02", "06"]), z.string()])
            .describe(
              "Type and permission bits in octal, as git writes them: 100644, 100755 (executable), 120000 (symlink), 040000 (a folder with nothing in it); of a folder read as it lies on disk also others, such as 100600 and 040700.",
            ),
          digest: z.string().describe("git's object id of the content: sha1:… or sha256:…."),
          context: z
            .string()
            .exactOptional()
            .describe("The named context that hands it over; absent: the build context."),
        }),
      )
      .describe("Every file that the build may read: the build context's, then each named folder's, by code unit."),
    args: z.record(z.string(), z.string()).describe("Build args that a reachable stage declares."),
    bases: z.array(
      z.object({
        reference: z.string(),
        digest: digest.nullable().describe("Of the platform's manifest; null: not looked up."),
      }),
    ),
    contexts: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(["service", "image", "folder", "git"]),
        of: z.string().describe("The service's name, the image reference, the folder, or the URL."),
        digest: z
          .string()
          .nullable()
          .describe("The image's or folder's digest, or the git commit; null: not known yet."),
      }),
    ),
    volatile: z
      .object({ because: z.string() })
      .nullable()
      .describe("Why no fingerprint can vouch for it; such a service is always built."),
    instructions: names.describe("Of the reachable stages, as they count for the fingerprint."),
    settings: z.record(z.string(), z.string()).describe("Everything else that counts."),
    uncounted: z.array(uncounted).exactOptional().describe("Absent in what earlier versions kept with their images."),
  }),
);
