import * as z from "zod";
import { parseVersionSource, versionFileNames } from "../../model/version-source.ts";
import { imageTemplateFault, isGroupTag, isImageTemplate } from "../project/templates.ts";
import { writtenService, writtenSettings } from "./written-service.ts";
import { allow, text, oneOrMore, ignored, reuse, sign, trust, versionText } from "./written-values.ts";

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
        .record(z.string(), writtenService, { error: "must be a map of names to settings" })
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
        examples: ["public", { with: "key", key: "env:SHOP_SIGNING_KEY" }],
      }),
      "signed-since": versionText.optional().meta({
        description:
          "The first version whose release is signed. Once it is set, a run that cannot sign fails before it builds, and a release with an image that no trusted signature proves is refused.",
        fallback: "none: signatures are made and not asked for",
        examples: ["1.4.0"],
      }),
      reuse: reuse.optional().meta({
        description:
          "Which published images may be reused. `signed`: only an image whose signed statement verifies, counts by `trust`, and names the fingerprint; any other image is built again. `any`: each image that has the fingerprint.",
        fallback: "`signed` where there is `signed-since`, else `any`",
        examples: ["signed"],
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
      ...writtenSettings,
    },
    { error: "must be a map of settings" },
  )
  .meta({ title: "slipway.yaml", description: "Configuration of Slipway." });

export type WrittenConfig = z.infer<typeof writtenConfig>;
export type WrittenService = NonNullable<NonNullable<WrittenConfig["services"]>[string]>;
export type WrittenSettings = Omit<WrittenService, "context" | "dockerfile" | "group">;
