import type { Platform } from "../model/platform.ts";
import type { Adopted, AdoptedLogin } from "./adopted.ts";

/** The layout of a workflow: a job a changed service, or one job. */
export type JobsLayout = "matrix" | "single";

/** A service, for the workflow. */
export interface WorkflowService {
  readonly name: string;
  readonly platforms: readonly Platform[];
  readonly needs: readonly string[];
  /** Hosts of its image names: `ghcr.io`. */
  readonly registries: readonly string[];
}

/** `uses:` of the action: by commit where that is known, with what the commit is called. */
export interface ActionReference {
  /** `owner/slipway`. */
  readonly repository: string;
  /** A commit's full id, or a tag. */
  readonly ref: string;
  /** `v1.2.0`, when `ref` is a commit. */
  readonly called: string | undefined;
}

/** Labels of the runners. */
export interface RunnerLabels {
  /** By platform; platforms without an entry get GitHub's own runners. */
  readonly byPlatform: Readonly<Record<string, readonly string[]>>;
  /** For jobs without Docker. */
  readonly light: readonly string[] | undefined;
  /** How many build jobs may run at once; undefined: as many as GitHub gives. */
  readonly atOnce: number | undefined;
}

/** How semantic-release runs. */
export interface SemanticReleaseFacts {
  /** The branches that it releases. */
  readonly branches: readonly string[];
  /** Packages with their versions that npx brings; undefined: the repository's own lock file has them. */
  readonly packages: readonly string[] | undefined;
}

/** Everything the workflow is made from. */
export interface WorkflowFacts {
  readonly services: readonly WorkflowService[];
  /** Git tags of the release groups: `v{version}`, `web-v{version}`. */
  readonly tags: readonly string[];
  /** The branch that is released. */
  readonly trunk: string;
  readonly action: ActionReference;
  /** Where the repository is: `https://github.com`, or a GitHub Enterprise Server. */
  readonly server: string;
  /** Services come from a bake file, which `docker buildx` reads. */
  readonly plansWithDocker: boolean;
  /** Undefined: by the number of services. */
  readonly jobs: JobsLayout | undefined;
  readonly runners: RunnerLabels;
  /** Versions are semantic-release's; undefined: they come from tags, or as configured. */
  readonly semanticRelease: SemanticReleaseFacts | undefined;
  /** Pull requests push previews, which go when they are closed. */
  readonly previews?: boolean;
  /** Beside another workflow: plan and build, move no tag. */
  readonly shadow: boolean;
  /** Logins for registries that are not GitHub's own. */
  readonly registries: readonly AdoptedLogin[];
  /** What a hand-made workflow did, to be kept. */
  readonly adopted: Adopted | undefined;
}

/** Whether a job's own token is the login for a registry: it goes to GitHub's, and to that of the workflow's own server. */
export function isGitHubsRegistry(host: string, server: string): boolean {
  return host === "ghcr.io" || host === `containers.${new URL(server).host}`;
}
