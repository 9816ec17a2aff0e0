import type { Platform } from "../model/platform.ts";
import type { Adopted, AdoptedLogin } from "./adopted.ts";

/** Layout of a workflow: one job for each changed service, or a single job. */
export type JobsLayout = "matrix" | "single";

/** Service, as far as the workflow depends on it. */
export interface WorkflowService {
  readonly name: string;
  readonly platforms: readonly Platform[];
  readonly needs: readonly string[];
  /** Hosts of its image names: `ghcr.io`. */
  readonly registries: readonly string[];
}

/** Reference to the action for `uses:`: a commit if it is known, with its version. */
export interface ActionReference {
  /** Repository of the action: `owner/slipway`. */
  readonly repository: string;
  /** Full id of a commit, or a tag. */
  readonly ref: string;
  /** Version of the commit: `v1.2.0`; undefined: `ref` is a tag. */
  readonly called: string | undefined;
}

/** Labels of the runners. */
export interface RunnerLabels {
  /** Labels by platform; a platform without an entry uses GitHub's own runners. */
  readonly byPlatform: Readonly<Record<string, readonly string[]>>;
  /** Labels for jobs without Docker. */
  readonly light: readonly string[] | undefined;
  /** Limit of build jobs that run in parallel; undefined: GitHub's own. */
  readonly atOnce: number | undefined;
}

/** Facts about the repository's semantic-release. */
export interface SemanticReleaseFacts {
  /** Branches that semantic-release releases. */
  readonly branches: readonly string[];
  /** Packages with versions for npx to install; undefined: the repository's own lock file contains them. */
  readonly packages: readonly string[] | undefined;
}

/** Facts from which the workflow is made. */
export interface WorkflowFacts {
  readonly services: readonly WorkflowService[];
  /** Git tags of the release groups: `v{version}`, `web-v{version}`. */
  readonly tags: readonly string[];
  /** Name of the released branch. */
  readonly trunk: string;
  readonly action: ActionReference;
  /** Address of the server: `https://github.com`, or a GitHub Enterprise Server. */
  readonly server: string;
  /** Whether the services come from a bake file, which `docker buildx` reads. */
  readonly plansWithDocker: boolean;
  /** Layout; undefined: it depends on the number of services. */
  readonly jobs: JobsLayout | undefined;
  readonly runners: RunnerLabels;
  /** Facts about semantic-release if it decides on versions; undefined: versions come from tags, or as configured. */
  readonly semanticRelease: SemanticReleaseFacts | undefined;
  /** Whether pull requests push previews, which are deleted when the pull request is closed. */
  readonly previews?: boolean;
  /** Whether the workflow runs beside another one: it plans and builds, and moves no tag. */
  readonly shadow: boolean;
  /** Whether jobs may sign by a token that names their run. */
  readonly signsKeyless: boolean;
  /** Logins for registries other than GitHub's own. */
  readonly registries: readonly AdoptedLogin[];
  /** Parts of a hand-made workflow to keep. */
  readonly adopted: Adopted | undefined;
}

/** Whether the job's own token is the login for a registry: GitHub's own, or that of the workflow's server. */
export function isGitHubsRegistry(host: string, server: string): boolean {
  return host === "ghcr.io" || host === `containers.${new URL(server).host}`;
}
