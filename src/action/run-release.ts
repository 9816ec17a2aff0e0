import type { BuiltService } from "../model/documents.ts";
import { build } from "../pipeline/build-command.ts";
import type { VersionSource } from "../model/version-source.ts";
import { release, type ReleaseRequest } from "../pipeline/release-command.ts";
import { chooseBuilder } from "./builder.ts";
import type { CommandResult } from "./command-result.ts";
import type { ActionRequest } from "./inputs.ts";
import type { OpenJob } from "./job.ts";
import { makeReleaseOutputs } from "./outputs.ts";
import type { Purpose } from "./purpose.ts";

type ReleaseInputs = Extract<ActionRequest, { command: "release" }>;

/** Plans, builds and releases in one job; builds only, where the run is not released. */
export async function runRelease(job: OpenJob, request: ReleaseInputs): Promise<CommandResult> {
  const { workspace, purpose } = job;
  const options = {
    force: request.force,
    parallel: undefined,
    cache: request.cache,
    builder: chooseBuilder(job),
  };
  if (purpose.kind === "build") {
    const { services } = await build(workspace, { ...options, services: request.services });
    return { lead: `Built, and not released: ${purpose.because}.`, more: [], exitCode: hasFailed(services) ? 1 : 0 };
  }
  const document = await release(workspace, {
    ...options,
    ...askFor(purpose, request.asked.versionFrom, workspace.project.version),
    only: request.services,
    dryRun: false,
    allowDirty: false,
    githubRelease: true,
  });
  if (document.state === "failed") {
    return { lead: `Not released, since a service failed: ${nameOf(purpose)}. No tag moved.`, more: [], exitCode: 1 };
  }
  if (document.state === "nothing") {
    return { lead: `Nothing is released: ${document.because ?? purpose.because}.`, more: [], exitCode: 0 };
  }
  const outputs = makeReleaseOutputs(document.releases);
  for (const [name, value] of Object.entries(outputs)) job.runner.setOutput(name, value);
  const said = document.state === "already" ? "was released before; its tags are in place" : "is released";
  const lead = `${nameOf(purpose)} ${said}: ${purpose.because}.`;
  return { lead, more: document.notes === null ? [] : [document.notes], exitCode: 0 };
}

/**
 * What of a release the run says by itself. A branch whose versions come from a file or from commits is released as the version
 * that these say.
 */
function askFor(
  purpose: Exclude<Purpose, { kind: "build" }>,
  asked: VersionSource | undefined,
  configured: VersionSource | undefined,
): Pick<ReleaseRequest, "version" | "versionFrom" | "branch" | "group"> {
  const nothing = { version: undefined, versionFrom: undefined, branch: undefined, group: undefined };
  if (purpose.kind === "version") return { ...nothing, version: purpose.version, group: purpose.group };
  const versionFrom = asked ?? (configured?.kind === "tag" ? undefined : configured);
  return versionFrom === undefined ? { ...nothing, branch: purpose.branch } : { ...nothing, versionFrom };
}

function nameOf(purpose: Exclude<Purpose, { kind: "build" }>): string {
  return purpose.kind === "version" ? `Version ${purpose.version}` : `Branch ${purpose.branch}`;
}

function hasFailed(services: readonly BuiltService[]): boolean {
  return services.some(({ outcome }) => outcome === "failed" || outcome === "cancelled");
}
