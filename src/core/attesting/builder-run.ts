import type { BuilderRun } from "../../attestation/builder-run.ts";
import { withoutCredentials } from "../../formats/address.ts";
import { asText, type Fields } from "../../formats/json.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Describes this run for statements. `claims`: those of the run's own token, which count before the environment; undefined: no token is
 * asked for.
 */
export function describeRun({ ci, repository }: Workspace, claims: Fields | undefined): BuilderRun {
  const { server, workflow, id } = ci;
  const slug = ci.repository === undefined ? undefined : `${ci.repository.owner}/${ci.repository.name}`;
  if (!ci.isJob || slug === undefined || workflow === undefined || id === undefined) {
    return { kind: "machine", source: withoutCredentials(repository.remote ?? ""), commit: repository.commit };
  }
  const claim = (name: string): string | undefined => asText(claims?.[name]);
  return {
    kind: "workflow",
    server: server.url,
    repository: claim("repository") ?? slug,
    repositoryId: claim("repository_id") ?? ci.repositoryId ?? "",
    ownerId: claim("repository_owner_id") ?? ci.ownerId ?? "",
    event: claim("event_name") ?? ci.event ?? "",
    ref: claim("ref") ?? ci.ref,
    commit: repository.commit,
    workflow: claim("workflow_ref") ?? workflow,
    jobWorkflow: claim("job_workflow_ref") ?? workflow,
    runner: claim("runner_environment") ?? ci.runner ?? "",
    runId: claim("run_id") ?? id,
    attempt: Number(claim("run_attempt") ?? ci.attempt),
  };
}
