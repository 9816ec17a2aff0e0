import * as z from "zod";
import {
  text,
  oneOrMore,
  stringMap,
  images,
  tags,
  platforms,
  args,
  context,
  secret,
  duration,
  tier,
  pattern,
} from "./written-values.ts";

const ghcr = "`ghcr.io/<owner>/<repo>/{service}` of a repository on GitHub; elsewhere it must be written";

/** Settings for all services and for one. Descriptions, defaults and examples make the reference page. */
export const writtenSettings = {
  images: images.optional().meta({
    description:
      "The image's names: one or a list. The first holds fingerprints and caches; the others receive copies. `{service}` stands for the service's name.",
    fallback: ghcr,
    examples: ["ghcr.io/acme/shop/{service}", ["ghcr.io/acme/{service}", "docker.io/acme/{service}"]],
  }),
  tags: tags.optional().meta({
    description:
      "Templates of the tags a release gives, from `{version}` `{major}` `{minor}` `{patch}` (for `version`), `{branch}` `{sha}` (for `branch`), `{service}`, `{group}` and text. An empty list gives none.",
    fallback: '`{ version: ["{version}", "{major}.{minor}", "{major}", "latest"], branch: ["{branch}", "sha-{sha}"] }`',
    examples: [{ version: ["v{version}", "latest"], branch: ["{branch}"] }],
  }),
  platforms: platforms.optional().meta({
    description: "The platforms to build for. The builder's own platform is not a default.",
    fallback: "linux/amd64",
    examples: [["linux/amd64", "linux/arm64"]],
  }),
  args: args.optional().meta({
    description:
      "Build args. A value; or nothing, for the environment variable of that name; or a map: `value`, `env` (an environment variable), `stamp: true` (baked in, but never a reason to build), `allow` (the reason why an arg that looks like a secret is not one).",
    fallback: "none",
    examples: [{ NODE_ENV: "production", GIT_SHA: { env: "GITHUB_SHA", stamp: true } }],
  }),
  target: text
    .min(1, "must not be empty")
    .optional()
    .meta({ description: "The stage to build.", fallback: "the last stage", examples: ["runtime"] }),
  needs: oneOrMore("a service")
    .optional()
    .meta({
      description:
        "Services to build first. Services that a Dockerfile starts from or copies from are found without it.",
      fallback: "none",
      examples: [["base"]],
    }),
  contexts: z
    .record(z.string(), context, { error: "must be a map of names to contexts" })
    .optional()
    .meta({
      description:
        "Named contexts: `{ service }`, `{ image }`, `{ folder }`, `{ git }`, or text as bake and Compose write it (`target:base`, `docker-image://alpine:3`, `./lib`, `https://…git#ref`).",
      fallback: "none",
      examples: [{ lib: { folder: "lib" }, base: { service: "base" } }],
    }),
  secrets: z
    .array(secret, { error: "must be a list of secrets" })
    .optional()
    .meta({
      description: "Secrets for `RUN --mount=type=secret`, from a file or an environment variable.",
      fallback: "none",
      examples: [[{ id: "npmrc", file: ".npmrc" }, "id=token,env=NPM_TOKEN"]],
    }),
  ssh: oneOrMore("an ssh agent or key")
    .optional()
    .meta({
      description: "The ssh agent and keys, as `docker buildx build --ssh` takes them.",
      fallback: "none",
      examples: [["default"]],
    }),
  labels: stringMap.optional().meta({
    description:
      "Labels of the image. `{service}`, `{group}` and `{source}` (the repository's web address) are filled in. They count for the fingerprint.",
    fallback: "none",
    examples: [{ "org.opencontainers.image.vendor": "Acme" }],
  }),
  annotations: stringMap.optional().meta({
    description:
      "Annotations of the image's manifest, with the same placeholders as labels. They count for the fingerprint.",
    fallback: "none",
    examples: [{ "org.opencontainers.image.description": "The shop" }],
  }),
  generated: z
    .union([pattern, z.array(pattern)], { error: "must be a pattern or a list of them" })
    .optional()
    .meta({
      description:
        "Files that git does not track and that a step before the build makes. They are read from the working tree.",
      fallback: "none",
      examples: [["web/dist/**"]],
    }),
  bases: z
    .enum(["follow", "hold"], { error: ({ input }) => `must be follow or hold, not ${JSON.stringify(input)}` })
    .optional()
    .meta({
      description:
        "`follow`: a base image that moved rebuilds. `hold`: it does not, until something else does (a hot-fix stays small).",
      fallback: "follow",
      examples: ["hold"],
    }),
  refresh: duration.optional().meta({
    description: "Rebuild what is older, because a `RUN` may have read the network: `30d`, `12h`, `2w`, or `never`.",
    fallback: "30d",
    examples: ["never"],
  }),
  cache: z
    .union([z.enum(["auto", "none"]), tier, z.array(tier)], {
      error: "must be auto, none, or a list of gha, registry, latest, inline",
    })
    .optional()
    .meta({
      description: "Cache tiers to use. `auto`: chosen by what is there.",
      fallback: "auto",
      examples: [["registry"]],
    }),
  sbom: z
    .enum(["auto", "off", "required"], {
      error: ({ input }) => `must be auto, off or required, not ${JSON.stringify(input)}`,
    })
    .optional()
    .meta({
      description:
        "SBOMs of the images. `auto`: BuildKit scans what it builds and attaches the list of packages, where its scanner can be had; what was built before is reused as it is. `required`: an image without one is built anew, and without the scanner nothing is released. `off`: none.",
      fallback: "auto",
      examples: ["required"],
    }),
  network: z
    .enum(["default", "none", "host"], {
      error: ({ input }) => `must be default, none or host, not ${JSON.stringify(input)}`,
    })
    .optional()
    .meta({ description: "The network of `RUN`.", fallback: "default", examples: ["none"] }),
  extraHosts: oneOrMore("host:address")
    .optional()
    .meta({ description: "Lines for `/etc/hosts` of `RUN`.", fallback: "none", examples: [["db:10.0.0.2"]] }),
  ulimits: oneOrMore("name=soft:hard")
    .optional()
    .meta({ description: "Limits of `RUN`.", fallback: "none", examples: [["nofile=1024:2048"]] }),
  shmSize: z
    .union([text.min(1, "must not be empty"), z.number()], { error: "must be a size" })
    .optional()
    .meta({ description: "The size of `/dev/shm` of `RUN`.", fallback: "BuildKit's own", examples: ["128m"] }),
};

/** Settings of one service. */
export const writtenService = z.union(
  [
    z.null(),
    z.strictObject({
      context: text
        .min(1, "must not be empty")
        .optional()
        .meta({
          description:
            "The folder that COPY reads from, relative to the repository root. With `context` or `dockerfile` in any entry, the file lists the services.",
          fallback: "as for a Dockerfile that is discovered",
          examples: ["services/api"],
        }),
      dockerfile: text
        .min(1, "must not be empty")
        .optional()
        .meta({
          description: "The Dockerfile, relative to the repository root.",
          fallback: "`Dockerfile` in the context",
          examples: ["services/api/Dockerfile"],
        }),
      group: text
        .min(1, "must not be empty")
        .optional()
        .meta({
          description: "The release group it is versioned in.",
          fallback: "default",
          examples: ["api"],
        }),
      ...writtenSettings,
    }),
  ],
  { error: "must be a map of settings" },
);
