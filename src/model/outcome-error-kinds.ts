import type { ErrorKindFacts } from "./error-code.ts";

/** Kinds of errors of a command that began: refusals, credentials, what is outside, builds, interruptions. */
export const outcomeErrorKinds = {
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
  "release-abandoned": {
    code: "refused",
    means: "a release that was abandoned",
    remedy: "choose another release: `slipway status` lists them",
  },
  "release-finished": {
    code: "refused",
    means: "a release to abandon whose tags are all in place",
    remedy: "to stop shipping it, go back to another release: slipway rollback RELEASE",
  },
  "tags-in-use": {
    code: "refused",
    means: "a release to abandon that moving tags still name",
    remedy: "first move these tags to another release: slipway rollback RELEASE",
  },
  "no-moving-tags": {
    code: "refused",
    means: "a release to go back to that moved no tags, such as a pre-release",
    remedy: null,
  },
  "commit-not-pushed": {
    code: "refused",
    means: "a commit that GitHub does not have",
    remedy: "push it (git push), then run the same command again",
  },
  "workflow-differs": {
    code: "refused",
    means: "a workflow that, once changed, would not do what the one before does",
    remedy: null,
  },
  "tag-conflict": { code: "refused", means: "a version's tag names another image than its release", remedy: null },
  "secret-in-image": {
    code: "refused",
    means: "a built image that holds the value of a secret that its build was given",
    remedy: null,
  },
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
  "not-proven": {
    code: "refused",
    means: "an image or a release without a statement that verifies, where one is asked for",
    remedy: "build it again with `--force`, which signs it",
  },
  "plan-replaced": {
    code: "refused",
    means: "the run's plan is another one than the planning job stored",
    remedy: "find out which job of the run writes artifacts, then re-run all jobs",
  },

  credentials: { code: "credentials", means: "anything else that is wrong with credentials", remedy: null },
  "registry-denied": {
    code: "credentials",
    means: "a registry refused for lack of a login or of permission; `data.registry` says which, where it is known",
    remedy: "run `docker login` for the registry with an account that may do this",
  },
  "token-server-unsafe": {
    code: "credentials",
    means: "a token server to which no credentials are sent: it is reached without encryption, or redirects elsewhere",
    remedy: null,
  },
  "git-denied": {
    code: "credentials",
    means: "a git server that refuses for lack of a login or of permission",
    remedy: "give the token `contents: read` on the repository",
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

  "signing-denied": {
    code: "credentials",
    means: "signing is asked for, and the run may not: a permission, a token or a key is missing or wrong",
    remedy: "give the job `permissions: id-token: write`; or choose how to sign, with `sign` in slipway.yaml",
  },
  "signing-key-invalid": {
    code: "credentials",
    means: "a key to sign or to verify with that cannot be used",
    remedy: "give a key in PEM, ECDSA on P-256 or Ed25519, and its password in SLIPWAY_SIGNING_PASSWORD",
  },

  unavailable: { code: "unavailable", means: "anything else outside that was not available", remedy: null },
  "registry-unavailable": {
    code: "unavailable",
    means: "a registry that does not answer, or does not take an upload; `data.registry` says which",
    remedy: "run the same command again later; it continues where this one stopped",
  },
  "registry-unreadable": {
    code: "unavailable",
    means: "an answer that no registry gives, such as a proxy's or a login page in its place",
    remedy: "run the same command again later; look what answers at the address of the registry",
  },
  "registry-inconsistent": {
    code: "unavailable",
    means: "something that a registry lists, or took, and does not show",
    remedy: "run the same command again: a registry may show a new push with a delay",
  },
  "registry-rate-limited": {
    code: "unavailable",
    means: "a registry that asks to send fewer requests, for longer than Slipway waits; `data.registry` says which",
    remedy: "run the same command again later; logged in (docker login) the limit is higher in many registries",
  },
  "git-remote-unavailable": {
    code: "unavailable",
    means: "a git repository elsewhere that does not answer, or refuses",
    remedy: "run the same command again later",
  },
  "scanner-unavailable": {
    code: "unavailable",
    means: "SBOMs are required, and BuildKit's scanner cannot be had",
    remedy: "run the command again when it can be reached; `sbom: auto` in slipway.yaml releases without SBOMs",
  },
  "program-unavailable": {
    code: "unavailable",
    means: "a program that cannot be started, such as git or docker; `data.program` says which",
    remedy: "install it",
  },
  "build-unavailable": {
    code: "unavailable",
    means: "a registry or an engine that stopped answering during a build",
    remedy: null,
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
  "signing-unavailable": {
    code: "unavailable",
    means: "a service of Sigstore that does not answer, or has a fault",
    remedy:
      "re-run the failed jobs later: what could not be signed is built again, from the build cache where there is one",
  },
  "tags-contested": {
    code: "unavailable",
    means: "somebody else keeps moving the tags of the release",
    remedy: "let only slipway move these tags, one release at a time; then run the same command again",
  },

  failed: { code: "failed", means: "a service that did not build, or an error that nobody foresaw", remedy: null },
  "build-failed": {
    code: "failed",
    means: "a build that failed: an instruction of the Dockerfile, or BuildKit itself",
    remedy: null,
  },
  "part-invalid": {
    code: "failed",
    means: "a build job of the run that left no part, or one that does not fit the plan or the registry",
    remedy: "re-run all jobs",
  },
  "docker-failed": { code: "failed", means: "docker refused a command; its words are in the message", remedy: null },
  "sbom-missing": {
    code: "failed",
    means: "an image without an SBOM, or with one that cannot be read",
    remedy: "`sbom: required` in slipway.yaml has it built anew, with one",
  },
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
} as const satisfies Readonly<Record<string, ErrorKindFacts>>;
