import { release as spec } from "../commands/release/spec.ts";
import { exitCodeOfServices } from "../errors.ts";
import { isClosed, isReviewed } from "../model/ci-run.ts";
import type { ReleaseDocument } from "../model/documents.ts";
import type { VersionSource } from "../model/version-source.ts";
import { build } from "../core/building/build-command.ts";
import { mayPreview } from "../core/previews/may-preview.ts";
import { release, type ReleaseRequest } from "../core/releasing/release-command.ts";
import { makeReleaseOutputs } from "../core/releasing/release-outputs.ts";
import { compareWithTags, shadowOfBuild } from "../core/jobs/shadow.ts";
import { chooseBuilder } from "./builder.ts";
import type { CommandResult } from "./command-result.ts";
import { type HandedOver, readHandedOver } from "./handover.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Job, OpenJob } from "./job.ts";
import type { Purpose } from "../core/workspace/decide-purpose.ts";
import { releaseHandedOver } from "./release-handed-over.ts";
import { previewOf, removePreviews, runPreview } from "./run-preview.ts";
import { renderShadow } from "./shadow-summary.ts";
import { versionSourceOf } from "./version-source.ts";

/**
 * Releases the images of other jobs; in the layout `single`, plans and builds them first, and only builds if the run is not released. Results of
 * other jobs are read while the repository is fetched, if they are certain to be needed.
 */
export async function runReleaseJob(job: Job, request: ReleaseInputs): Promise<CommandResult> {
  let reading: Promise<HandedOver> | undefined;
  const handedOver = (): Promise<HandedOver> => (reading ??= readHandedOver(job, request.planDigest));
  // The error is thrown where the results are used.
  if (takesHandedOver(job, request)) handedOver().catch(() => undefined);
  const open = await (await job.prepare()).open();
  const { workspace, purpose } = open;
  if (purpose.kind === "build") {
    const previewed = request.shadow ? undefined : previewOf(open);
    if (previewed?.kind === "push") return runPreview(open, request, previewed.pullRequest, handedOver);
    if (previewed?.kind === "delete") return removePreviews(open, previewed.pullRequest);
    if (isClosed(job.run.ci)) return { lead: "Nothing is built: the pull request is closed.", more: [], exitCode: 0 };
    if (request.jobs === "matrix") return { lead: `Nothing is released: ${purpose.because}.`, more: [], exitCode: 0 };
    const options = { force: request.force, parallel: undefined, cache: request.cache, builder: chooseBuilder(open) };
    const built = await build(workspace, { ...options, services: request.services });
    const shadow = request.shadow
      ? renderShadow(await compareWithTags(workspace, shadowOfBuild(workspace, built)))
      : [];
    const lead = `Built, and not released: ${purpose.because}.`;
    return { lead, more: shadow, exitCode: exitCodeOfServices(built.services) };
  }
  const asked = {
    ...spec.defaults,
    ...askFor(purpose, versionSourceOf(purpose, request.asked.versionFrom, workspace.project.version)),
    only: request.services,
    force: request.force,
    allowDirty: request.allowDirty,
  };
  const document =
    request.jobs === "matrix"
      ? await releaseHandedOver(open, await handedOver(), asked)
      : await release(workspace, {
          ...asked,
          cache: request.cache,
          builder: chooseBuilder(open),
        });
  return tell(open, purpose, document);
}

/** Whether the results of other jobs will be needed, as far as is known before the repository is fetched. */
function takesHandedOver({ run: { ci } }: Pick<Job, "run">, { jobs, shadow }: ReleaseInputs): boolean {
  return jobs === "matrix" && !shadow && (!isReviewed(ci) || mayPreview(ci).kind === "push");
}

/** Returns the part of the release request that follows from the run's purpose. */
function askFor(
  purpose: Exclude<Purpose, { kind: "build" }>,
  versionFrom: VersionSource | undefined,
): Pick<ReleaseRequest, "version" | "versionFrom" | "branch" | "group"> {
  const nothing = { version: undefined, versionFrom: undefined, branch: undefined, group: undefined };
  if (purpose.kind === "version") return { ...nothing, version: purpose.version, group: purpose.group };
  return versionFrom === undefined ? { ...nothing, branch: purpose.branch } : { ...nothing, versionFrom };
}

/** Sets the outputs, and describes the result. */
function tell(
  { runner }: OpenJob,
  purpose: Exclude<Purpose, { kind: "build" }>,
  document: ReleaseDocument,
): CommandResult {
  const because = document.because ?? purpose.because;
  const outputs = makeReleaseOutputs(document.releases);
  const subject = outputs.version === "" ? nameOf(purpose) : `Version ${outputs.version}`;
  if (document.state === "failed") {
    const lead = `${nameOf(purpose)} is not released, since a service failed; no tag moved.`;
    const next = document.because === null ? [] : [document.because];
    return { lead: [lead, ...next].join(" "), more: [], exitCode: exitCodeOfServices(document.services) };
  }
  if (document.state === "nothing") return { lead: `Nothing is released: ${because}.`, more: [], exitCode: 0 };
  for (const [name, value] of Object.entries(outputs)) runner.setOutput(name, value);
  const said = document.state === "already" ? "was released before; its tags are in place" : "is released";
  const links = document.releases.flatMap(({ githubRelease }) =>
    githubRelease?.url ? [`[The GitHub release](${githubRelease.url})`] : [],
  );
  const more = [...links, ...(document.notes === null ? [] : [document.notes])];
  return { lead: `${subject} ${said}: ${because}.`, more, exitCode: 0 };
}

function nameOf(purpose: Exclude<Purpose, { kind: "build" }>): string {
  return purpose.kind === "version" ? `Version ${purpose.version}` : `Branch ${purpose.branch}`;
}
