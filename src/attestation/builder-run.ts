/** The run that signs, as statements describe it. */
export type BuilderRun =
  | {
      readonly kind: "workflow";
      /** `https://github.com`, without a slash at its end. */
      readonly server: string;
      /** `OWNER/REPO`, its number and its owner's. */
      readonly repository: string;
      readonly repositoryId: string;
      readonly ownerId: string;
      readonly event: string;
      readonly ref: string;
      readonly commit: string;
      /** Workflow that was started: `OWNER/REPO/.github/workflows/FILE@REF`. */
      readonly workflow: string;
      /** Workflow whose job this is; another one than `workflow` where it was called. */
      readonly jobWorkflow: string;
      /** `github-hosted` or `self-hosted`. */
      readonly runner: string;
      readonly runId: string;
      readonly attempt: number;
    }
  | {
      readonly kind: "machine";
      /** Remote or web address of the repository, without credentials; empty: none. */
      readonly source: string;
      readonly commit: string;
    };
