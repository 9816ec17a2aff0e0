import * as z from "zod";
import { parseVersionSource, versionFileNames } from "../../model/version-source.ts";
import { imageTemplateFault, isGroupTag, isImageTemplate } from "../project/templates.ts";
import {
  allow,
  text,
  oneOrMore,
  ignored,
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
  sign,
  trust,
  versionText,
} from "./written-values.ts";

const ghcr = "`ghcr.io/<owner>/<repo>/{service}` of a repository on GitHub; elsewhere it must be written";

/** Settings for all services and for one. Descriptions, defaults and examples make the reference page. */
const settings = {
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
    description: "Labels of the image. They count for the fingerprint.",
    fallback: "none",
    examples: [{ "org.opencontainers.image.vendor": "Acme" }],
  }),
  annotations: stringMap.optional().meta({
    description: "Annotations of the image's manifest. They count for the fingerprint.",
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

const service = z.union(
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
      ...settings,
    }),
  ],
  { error: "must be a map of settings" },
);

const group = z.strictObject(
  {
    services: oneOrMore("a service").optional().meta({ description: "Its services." }),
    tag: text
      .refine(isGroupTag, {
        error: ({ input }) => `${JSON.stringify(input)} must hold {version}, and beside it only {group} and text`,
      })
      .optional()
      .meta({ description: "The git tag of a version." }),
  },
  { error: "must be a map with the keys services and tag" },
);

/** The schema of `slipway.yaml` as written. */
export const writtenConfig = z
  .strictObject(
    {
      services: z
        .record(z.string(), service, { error: "must be a map of names to settings" })
        .optional()
        .meta({
          description:
            "Settings of one service; or, where entries have `context` or `dockerfile`, the list of services.",
          fallback: "what is discovered",
          examples: [{ api: { context: "services/api" } }],
        }),
      from: oneOrMore("compose, bake, skaffold, dockerfiles or a file name")
        .optional()
        .meta({
          description: "The source of the services: `bake`, `compose`, `skaffold`, `dockerfiles`, or file names.",
          fallback: "the first of bake, Compose, Skaffold, Dockerfiles that gives a service",
          examples: ["compose", ["compose.yaml", "compose.prod.yaml"]],
        }),
      bakeTargets: oneOrMore("a target or a group of the bake file")
        .optional()
        .meta({
          description:
            "Groups and targets of the bake file to release, as `docker buildx bake` takes them. A target that has an entry under `services` is released, too.",
          fallback: "the group `default`; without one, every target that has tags",
          examples: ["release", ["api", "web"]],
        }),
      ignore: ignored.optional().meta({
        description: "Dockerfiles that are not released: paths or patterns, as in a `.dockerignore` at the root.",
        fallback: "none",
        examples: [["tools/**"]],
      }),
      groups: z
        .record(z.string(), group, { error: "must be a map of names to groups" })
        .optional()
        .meta({
          description:
            "Services that are versioned together: `services`, and `tag`, the git tag of a version. Services in no group are in `default`.",
          fallback: '`{ default: { tag: "v{version}" } }`, and `<name>-v{version}` for a group of another name',
          examples: [{ api: { services: ["api"], tag: "api-v{version}" } }],
        }),
      version: text
        .refine((value) => parseVersionSource(value) !== undefined, {
          error: ({ input }) =>
            `${JSON.stringify(input)} must be tag, file, commits, or a file: ${versionFileNames.join(", ")}`,
        })
        .optional()
        .meta({
          description:
            "The source of the version when `slipway release` gets none: `tag` (the git tag at the commit, by the group's pattern), `file` (the `package.json`, `VERSION`, `Cargo.toml` or `pyproject.toml` at the root that has one) or such a file's path, `commits` (Conventional Commits since the last release).",
          fallback: "none: without a version the branch is released",
          examples: ["commits", "services/api/package.json"],
        }),
      allow: allow.optional().meta({
        description:
          "Rights of definitions (bake, Compose, Skaffold) beyond the repository. `files`: files or folders outside of it that a secret, an ssh key or an `env_file` may be. `ssh: true`: the ssh agent and keys. `network: host`: the builder's network for `RUN`. Also what a pull request may use, as trunk's file says: `env`: variables of the environment; `hosts`: registries and git hosts. `secrets`, `ssh` and `network` of this file itself need no entry here.",
        fallback: "nothing: a definition that asks for more is refused",
        examples: [
          { files: ["~/.npmrc"], ssh: true, network: "host" },
          { env: ["APP_TITLE"], hosts: ["registry.acme.dev"] },
        ],
      }),
      previews: text
        .refine(isImageTemplate, {
          error: ({ input }) =>
            imageTemplateFault(String(input), 'write one like "ghcr.io/owner/repo/{service}-preview"'),
        })
        .optional()
        .meta({
          description:
            "The image name that pull requests push to, tagged `pr-7`; never that of a released image. `{service}` stands for the service's name. Removed when the pull request is closed; forks get none.",
          fallback: "pull requests push nothing",
          examples: ["ghcr.io/acme/shop/{service}-preview"],
        }),
      sign: sign.optional().meta({
        description:
          "How a run signs what it built: `auto`, `public` (the public instance of Sigstore), `github` (GitHub's instance, for private repositories of Enterprise Cloud), `key`, `off`. Or a map: `with` is one of these, `key` the private key (a file, or `env:NAME`; its password is in `SLIPWAY_SIGNING_PASSWORD`), `instance` a Sigstore of your own by its TUF repository (`tuf`) and that one's first root (`root`, a file).",
        fallback:
          "`auto`: a key where there is one; keyless in a public repository's job with `id-token: write`; else off, which the run says",
        examples: ["public", { with: "key", key: "env:COSIGN_PRIVATE_KEY" }],
      }),
      "signed-since": versionText.optional().meta({
        description:
          "The first version whose release is signed. From it on a run that cannot sign fails, and a release without a statement that verifies is followed by no command.",
        fallback: "none: signatures are made and not asked for",
        examples: ["1.4.0"],
      }),
      trust: trust.optional().meta({
        description:
          "Whose signatures count. `workflows`: paths of workflows of this repository. `refs`: branches, or patterns of refs such as `refs/tags/v*`. `issuer`: the token service. `repositoryId`: the repository's number on GitHub. `keys`: files of public keys. `roots`: files of trusted roots of Sigstore, beside the one that TUF gives.",
        fallback: "every workflow of this repository, on its default branch",
        examples: [{ workflows: ".github/workflows/release.yml", refs: ["main", "refs/tags/v*"] }],
      }),
      releases: text
        .refine((value) => isImageTemplate(value) && !value.includes("{"), {
          error: ({ input }) =>
            `${JSON.stringify(input)} is no image name; write one like "ghcr.io/owner/repo/releases"`,
        })
        .optional()
        .meta({
          description: "The image name that holds the release manifests.",
          fallback: "the common part of the first image names, and `/releases`",
          examples: ["ghcr.io/acme/shop/releases"],
        }),
      ...settings,
    },
    { error: "must be a map of settings" },
  )
  .meta({ title: "slipway.yaml", description: "Configuration of Slipway." });

export type WrittenConfig = z.infer<typeof writtenConfig>;
export type WrittenService = NonNullable<NonNullable<WrittenConfig["services"]>[string]>;
export type WrittenSettings = Omit<WrittenService, "context" | "dockerfile" | "group">;
