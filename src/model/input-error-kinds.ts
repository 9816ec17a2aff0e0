import type { ErrorKindFacts } from "./error-code.ts";

/** Kinds of errors that end a command before it does anything: the command line, the definitions or the repository must change. */
export const inputErrorKinds = {
  usage: { code: "usage", means: "anything else that is wrong with how the command was called", remedy: null },
  "no-such-command": { code: "usage", means: "a command that there is not", remedy: "`slipway --help` lists them" },
  "no-such-service": {
    code: "usage",
    means: "a service that the repository does not have",
    remedy: "`slipway services` lists them",
  },
  "no-such-group": {
    code: "usage",
    means: "a release group that there is not",
    remedy: "`slipway services` lists them",
  },
  "group-needed": {
    code: "usage",
    means: "a version of a repository that has several release groups",
    remedy: "name the group: --group NAME",
  },
  "version-invalid": {
    code: "usage",
    means: "a version that is none",
    remedy: "such as 1.2.0 or 1.3.0-rc.1 (semver.org)",
  },
  "version-not-found": {
    code: "usage",
    means: "the source of versions (a tag, a file, commits) says none",
    remedy: "give the version: `slipway release 1.2.0`",
  },
  "option-invalid": {
    code: "usage",
    means: "an option, or an input of the action, with a value that it does not take",
    remedy: null,
  },
  "no-such-release": { code: "usage", means: "a release that there is not", remedy: "`slipway status` lists them" },
  "release-ambiguous": {
    code: "usage",
    means: "a name that releases of several release groups have",
    remedy: "name one of them in full, or its group: --group NAME",
  },
  "version-ambiguous": {
    code: "usage",
    means: "two git tags of the same precedence",
    remedy: "give the version: `slipway release 1.2.0`",
  },
  "service-not-in-group": {
    code: "usage",
    means: "a service that is in another release group than the one that is released",
    remedy: "`slipway services` lists the groups",
  },
  "options-conflict": { code: "usage", means: "options that do not go together", remedy: null },
  "deployment-unusable": {
    code: "usage",
    means: "a file or a folder of a deployment that cannot be read, or not be pinned as it is written",
    remedy: null,
  },
  "confirmation-needed": {
    code: "usage",
    means: "a question, where no terminal can answer it",
    remedy: "say --yes, or --dry-run to see what would be done",
  },
  "run-invalid": {
    code: "usage",
    means: "variables of GitHub's runner or of gh that describe no run",
    remedy: "run the action in a job of GitHub Actions; elsewhere there is the command line, `npx slipway`",
  },

  configuration: { code: "configuration", means: "anything else that is wrong with a definition", remedy: null },
  "definition-invalid": {
    code: "configuration",
    means: "faults in slipway.yaml, a bake, Compose or Skaffold file or a Dockerfile; each is in `diagnostics`",
    remedy: null,
  },
  "definition-not-found": {
    code: "configuration",
    means: "a definition file that is named and is not there",
    remedy: "check --config",
  },
  "no-services": {
    code: "configuration",
    means: "a repository in which no services are found",
    remedy: "list the services in slipway.yaml",
  },
  "base-not-found": {
    code: "configuration",
    means: "a base image that its registry does not have, or does not show",
    remedy: "check its name and tag, or log in to its registry if it is private (docker login)",
  },
  "base-name-confidential": {
    code: "configuration",
    means: "an image whose name depends on a build arg that looks like a credential",
    remedy: "name the image without it",
  },
  "context-not-found": {
    code: "configuration",
    means: "a build context, or an image of an OCI layout, that is not there",
    remedy: null,
  },
  "git-context-not-found": {
    code: "configuration",
    means: "a git context whose address or ref cannot be found",
    remedy: "check the address and the branch, tag or commit after #",
  },
  "bake-failed": {
    code: "configuration",
    means: "a bake file that docker buildx bake does not print",
    remedy: "run docker buildx bake --print to see more",
  },
  "environment-invalid": {
    code: "configuration",
    means: "a variable of the environment, such as a proxy or a mirror, with a value that cannot be used",
    remedy: null,
  },
  "semantic-release-invalid": {
    code: "configuration",
    means: "settings of semantic-release that do not fit the repository's",
    remedy: null,
  },
  "previews-not-configured": {
    code: "configuration",
    means: "a preview of a repository that has no image name for previews",
    remedy: 'write into slipway.yaml, for example: previews: "ghcr.io/acme/shop/{service}-preview"',
  },
  "workflow-outdated": {
    code: "configuration",
    means: "a workflow that has fewer build jobs than the plan needs",
    remedy: "run `slipway init` again",
  },
  "base-platform-missing": {
    code: "configuration",
    means: "a base image that is not there for a platform of the service",
    remedy: "remove the platform from the service, or choose another base",
  },
  "needs-in-circle": {
    code: "configuration",
    means: "services that need each other in a circle",
    remedy: "remove one of these needs, contexts or FROM lines",
  },
  "no-such-builder": {
    code: "configuration",
    means: "a builder that docker buildx does not know",
    remedy: "`docker buildx ls` lists them; `docker buildx create --name …` makes one; BUILDX_BUILDER selects one",
  },
  "tag-invalid": { code: "configuration", means: "a template that gives a tag which is none", remedy: null },
  "trust-invalid": {
    code: "configuration",
    means: "a key or a root of `trust` in slipway.yaml that is not there, or is none",
    remedy: "name a public key in PEM, or a trusted_root.json of Sigstore",
  },
  "tag-claimed-twice": {
    code: "configuration",
    means: "two services that get the same tag, or one that gets a tag of the release records",
    remedy: "change the tags or the images of one of them",
  },

  repository: { code: "repository", means: "anything else that is wrong with the repository", remedy: null },
  "git-failed": { code: "repository", means: "git refused a command; its words are in the message", remedy: null },
  "not-a-repository": {
    code: "repository",
    means: "a folder that is in no git repository, or in one without files",
    remedy: "go into one, or name it with --repo DIR",
  },
  "no-commits": {
    code: "repository",
    means: "a repository without a commit",
    remedy: "commit the files that are to be released: git add . && git commit",
  },
  "no-such-file": {
    code: "repository",
    means: "a file that the commit does not have",
    remedy: "commit it, or name it under generated",
  },
  "no-such-commit": {
    code: "repository",
    means: "a commit that the clone does not have",
    remedy: "fetch it first: git fetch --tags origin",
  },
  "history-missing": {
    code: "repository",
    means: "a shallow clone where history is needed",
    remedy: "fetch the history: git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0)",
  },
  "working-tree-dirty": {
    code: "repository",
    means: "changes that are not committed, at a release",
    remedy: "commit or stash them; or release them as they are with --allow-dirty",
  },
  "git-object-missing": {
    code: "repository",
    means: "contents that the clone lacks: an object of git's, a submodule, a file of Git LFS",
    remedy: "the clone is not whole; fetch again: git fetch --refetch origin",
  },
  "files-unreadable": {
    code: "repository",
    means: "files of a build that this user may not read, or with names that BuildKit cannot take",
    remedy: "change their owner, mode or name, or leave them out in .dockerignore",
  },
  "files-changed": {
    code: "repository",
    means: "a file that was written to while a build read it; nothing was published",
    remedy: "run the same command again when nothing writes to the repository",
  },
  "commit-mismatch": {
    code: "repository",
    means: "another commit is checked out than the run or its plan is for",
    remedy: "check out the run's commit",
  },
} as const satisfies Readonly<Record<string, ErrorKindFacts>>;
