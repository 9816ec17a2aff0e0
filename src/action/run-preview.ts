import { errorMessage, exitCodeOfServices } from "../errors.ts";
import { findGitHub } from "../github/context.ts";
import type { GitHubClient } from "../github/client.ts";
import { type DeletePackageVersion, deletePreviews } from "../core/previews/delete-previews.ts";
import { mayPreview } from "../core/previews/may-preview.ts";
import { preview, type PreviewDocument, previewParts } from "../core/previews/preview-command.ts";
import type { Workspace } from "../core/workspace/workspace.ts";
import { chooseBuilder } from "./builder.ts";
import type { CommandResult } from "./command-result.ts";
import type { HandedOver } from "./handover.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { OpenJob } from "./job.ts";
import { previewMarker, renderPreviews, renderPreviewsGone } from "./preview-comment.ts";

/** Returns the pull request whose previews this run pushes or deletes; undefined: there is none, or previews are not configured. */
export function previewOf({ workspace }: Pick<OpenJob, "workspace">) {
  const may = mayPreview(workspace.ci);
  const isConfigured = workspace.project.services.every((service) => service.preview !== undefined);
  return isConfigured && may.kind !== "no" ? may : undefined;
}

/**
 * Builds the images that a pull request changes, or takes those of other jobs from `handedOver`, and comments on the pull request which images to
 * pull.
 */
export async function runPreview(
  job: OpenJob,
  request: ReleaseInputs,
  pullRequest: number,
  handedOver: () => Promise<HandedOver>,
): Promise<CommandResult> {
  const document = await makePreviews(job, request, pullRequest, handedOver);
  if (document === undefined) return { lead: "Nothing is previewed: the run's plan is gone.", more: [], exitCode: 1 };
  const body = renderPreviews(document);
  if (body !== undefined) await comment(job, pullRequest, body);
  const lead = `Previews of pull request #${pullRequest}; nothing is released.`;
  return { lead, more: body === undefined ? [] : [body], exitCode: exitCodeOfServices(document.services) };
}

async function makePreviews(
  job: OpenJob,
  request: ReleaseInputs,
  pullRequest: number,
  handedOver: () => Promise<HandedOver>,
): Promise<PreviewDocument | undefined> {
  const { workspace, emit } = job;
  if (request.jobs === "single") {
    const { force, cache, services } = request;
    const builder = chooseBuilder(job);
    return preview(workspace, { force, cache, services, parallel: undefined, builder, pullRequest });
  }
  const { runPlan, parts } = await handedOver();
  if (runPlan === undefined) return undefined;
  emit({ kind: "planned", plan: runPlan.plan, seconds: 0 });
  return previewParts(workspace, { runPlan, parts });
}

/** Deletes the previews of a closed pull request, and comments on it if there were any. */
export async function removePreviews(job: OpenJob, pullRequest: number): Promise<CommandResult> {
  const { workspace } = job;
  const client = await openClient(workspace);
  const { deleted, left } = await deletePreviews(workspace, pullRequest, await deleterFor(job, client));
  if (deleted.length > 0) await comment(job, pullRequest, renderPreviewsGone(left));
  const kept = left.length === 0 ? "" : `; ${left.length} could not be`;
  return {
    lead: `${deleted.length} previews of pull request #${pullRequest} are deleted${kept}.`,
    more: [],
    exitCode: 0,
  };
}

/** Returns a function that deletes manifests by GitHub's API, because its registry cannot. Only packages of the repository's owner can be deleted. */
async function deleterFor(
  { run }: OpenJob,
  client: GitHubClient | undefined,
): Promise<DeletePackageVersion | undefined> {
  if (client === undefined) return undefined;
  const { deletePackageVersion } = await import("../github/packages.ts");
  const { registry } = run.ci;
  return async (name, digest) => {
    const [at, owner, ...packageName] = name.split("/");
    if (at !== registry || owner !== client.at.owner.toLowerCase()) return false;
    return (await deletePackageVersion(client, packageName.join("/"), digest, true)) === "deleted";
  };
}

/** Writes the comment. A failure is a warning, because the previews exist without it. */
async function comment({ workspace, emit }: OpenJob, number: number, body: string): Promise<void> {
  try {
    const client = await openClient(workspace);
    if (client === undefined) return;
    const { upsertComment } = await import("../github/comments.ts");
    await upsertComment(client, { number, marker: previewMarker, body });
  } catch (error) {
    emit({ kind: "warning", message: errorMessage(error) });
  }
}

/** Returns a client of GitHub's API; undefined: there is no token. */
async function openClient(workspace: Workspace): Promise<GitHubClient | undefined> {
  const { host, repository, emit } = workspace;
  const context = findGitHub(workspace, repository.remote);
  if (context?.token === undefined) return undefined;
  const { makeGitHubClient } = await import("../github/client.ts");
  return makeGitHubClient(host, { ...context, token: context.token, emit });
}
