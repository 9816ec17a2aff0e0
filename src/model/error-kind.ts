import type { ErrorCode } from "./error-code.ts";

/** What follows from a kind of error. */
export interface ErrorKindFacts {
  /** Decides the exit code. */
  readonly code: ErrorCode;
  /** What went wrong, as the reference says it: no full stop. */
  readonly means: string;
  /** What to do: the hint of an error that has none of its own. Null: it depends on the error, which says it. */
  readonly remedy: string | null;
}

/**
 * Every kind of error, and what follows from it. A kind is found again by programs, so that its name and its code stay. One that is named as
 * a code is any other error of that code, and may become a kind of its own later.
 */
export const errorKinds = {
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

  refused: { code: "refused", means: "anything else that Slipway or a registry does not do", remedy: null },
  "run-untrusted": {
    code: "refused",
    means: "a pull request, a merge queue or another run that anybody may cause was to release or delete",
    remedy: "run it for a push, a tag or by hand (workflow_dispatch)",
  },
  "version-taken": {
    code: "refused",
    means: "the version was released with other content, or was abandoned",
    remedy: "release these images under the next version",
  },
  "tag-conflict": { code: "refused", means: "a version's tag names another image than its release", remedy: null },
  "image-gone": { code: "refused", means: "an image of a release is not whole in its registry any more", remedy: null },
  "record-unreadable": {
    code: "refused",
    means: "a release record that this version of Slipway cannot read",
    remedy: "use a newer version of slipway",
  },
  "content-altered": { code: "refused", means: "bytes that have another digest than they should", remedy: null },
  "registry-refused": {
    code: "refused",
    means:
      "the registry does not do this: deleting, a tag that is immutable there, a repository that there is not, a limit",
    remedy: null,
  },
  "plan-replaced": {
    code: "refused",
    means: "the run's plan is another one than the planning job stored",
    remedy: "find out which job of the run writes artifacts, then re-run all jobs",
  },

  credentials: { code: "credentials", means: "anything else that is wrong with credentials", remedy: null },
  "registry-denied": {
    code: "credentials",
    means: "a registry refused for lack of a login or of permission; `data.registry` says which",
    remedy: "run `docker login` for the registry with an account that may do this",
  },
  "github-denied": {
    code: "credentials",
    means: "GitHub refused: the token is wrong, has expired or lacks a permission",
    remedy: "set GH_TOKEN to a token that may do this",
  },
  "docker-config-invalid": {
    code: "credentials",
    means: "Docker's config.json, which holds the logins, cannot be read",
    remedy: "mend the file, or log in again with docker login",
  },

  unavailable: { code: "unavailable", means: "anything else outside that was not available", remedy: null },
  "registry-unavailable": {
    code: "unavailable",
    means: "a registry that does not answer, or whose answers cannot be read; `data.registry` says which",
    remedy: "run the same command again later; it continues where this one stopped",
  },
  "registry-rate-limited": {
    code: "unavailable",
    means: "a registry that asks to send fewer requests, for longer than Slipway waits; `data.registry` says which",
    remedy: "run the same command again later; logged in (docker login) the limit is higher in many registries",
  },
  "program-unavailable": {
    code: "unavailable",
    means: "a program that cannot be started, such as git or docker; `data.program` says which",
    remedy: "install it",
  },
  "builder-unavailable": {
    code: "unavailable",
    means: "no builder that answers, or none that can build this",
    remedy: "run it by hand: docker buildx inspect --bootstrap",
  },
  "github-unavailable": {
    code: "unavailable",
    means: "GitHub does not answer, or has a fault",
    remedy: "run the same command again later",
  },
  "github-rate-limited": {
    code: "unavailable",
    means: "a rate limit of GitHub",
    remedy: "run the same command again in some minutes",
  },
  "artifacts-unavailable": {
    code: "unavailable",
    means: "what the jobs of a run hand to each other is not there, or cannot be read",
    remedy: "re-run all jobs; a workflow of one job hands nothing over (`slipway init --jobs single`)",
  },
  "tags-contested": {
    code: "unavailable",
    means: "somebody else keeps moving the tags of the release",
    remedy: "let only slipway move these tags, one release at a time; then run the same command again",
  },

  failed: { code: "failed", means: "a service that did not build, or an error that nobody foresaw", remedy: null },
  "content-too-large": {
    code: "failed",
    means: "a document in a registry that is larger than what is read into memory",
    remedy: null,
  },
  "content-missing": {
    code: "failed",
    means: "a manifest or a blob that the registry does not have, or not as it should be",
    remedy: null,
  },

  interrupted: {
    code: "interrupted",
    means: "Ctrl-C, or the CI system, asked to stop",
    remedy: "run the same command again: it goes on where this one stopped",
  },
} as const satisfies Readonly<Record<string, ErrorKindFacts>> & Readonly<Record<ErrorCode, ErrorKindFacts>>;

/** Name of a kind: kebab-case. */
export type ErrorKind = keyof typeof errorKinds;

/** Why git refused, as far as Slipway tells it apart. */
export type GitRefusal = "not-a-repository" | "no-work-tree" | "other";

/** Values that an error of some kinds carries, for programs. */
export interface ErrorDataByKind {
  readonly "no-such-service": { readonly service: string };
  readonly "base-not-found": { readonly base: string };
  readonly "git-failed": { readonly reason: GitRefusal };
  readonly "git-object-missing": { readonly path: string };
  readonly "registry-denied": { readonly registry: string };
  readonly "registry-unavailable": { readonly registry: string };
  readonly "registry-rate-limited": { readonly registry: string };
  readonly "program-unavailable": { readonly program: string };
}

/** Values of an error of kind `K`; undefined where its kind carries none. */
export type ErrorData<K extends ErrorKind> = K extends keyof ErrorDataByKind ? ErrorDataByKind[K] : undefined;
