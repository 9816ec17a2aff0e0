import type { BuilderRun } from "./builder-run.ts";

/** SLSA's ResourceDescriptor, as far as it is used. Source: in-toto/attestation, spec/v1/resource_descriptor.md. */
export interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Values of Slipway's own beside those of the run, under `internalParameters.slipway`. */
export type OwnParameters = Readonly<Record<string, string>>;

/** Build type of a workflow of GitHub Actions, as GitHub's attest action names it. */
const workflowBuildType = "https://actions.github.io/buildtypes/workflow/v1";

/** Build type of a command on a machine outside of CI: what is said of it, only its key vouches for. */
const machineBuildType = "https://slipway.dev/buildtypes/machine/v1";

interface DescribedBuilder {
  readonly definition: {
    readonly buildType: string;
    readonly externalParameters: object;
    readonly internalParameters: object;
  };
  readonly details: { readonly builder: { readonly id: string }; readonly metadata: object };
}

/** The parts of an SLSA predicate that say who built. https://slsa.dev/spec/v1.1/provenance */
export function describeBuilder(run: BuilderRun, own: OwnParameters, buildType?: string): DescribedBuilder {
  if (run.kind === "machine") {
    return {
      definition: {
        buildType: buildType ?? machineBuildType,
        externalParameters: { source: run.source, commit: run.commit },
        internalParameters: { slipway: own },
      },
      details: { builder: { id: "https://slipway.dev/builders/machine" }, metadata: {} },
    };
  }
  const [path = "", ref = run.ref] = run.workflow.replace(`${run.repository}/`, "").split("@");
  const repository = `${run.server}/${run.repository}`;
  return {
    definition: {
      buildType: buildType ?? workflowBuildType,
      externalParameters: { workflow: { ref, repository, path } },
      internalParameters: {
        github: {
          event_name: run.event,
          repository_id: run.repositoryId,
          repository_owner_id: run.ownerId,
          runner_environment: run.runner,
        },
        slipway: own,
      },
    },
    details: {
      builder: { id: `${run.server}/${run.jobWorkflow}` },
      metadata: { invocationId: `${repository}/actions/runs/${run.runId}/attempts/${run.attempt}` },
    },
  };
}

/** The repository at the commit that was built. */
export function sourceDependency(run: BuilderRun): readonly ResourceDescriptor[] {
  if (run.kind === "machine") {
    return run.source === "" ? [] : [{ uri: `git+${run.source}`, digest: { gitCommit: run.commit } }];
  }
  return [{ uri: `git+${run.server}/${run.repository}@${run.ref}`, digest: { gitCommit: run.commit } }];
}
