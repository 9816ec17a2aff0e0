import type { ReleaseDocument } from "../../model/documents.ts";
import { releasedNames } from "../workspace/check-pushes.ts";
import { type Ahead, makeAhead } from "./ahead.ts";
import { commitReleases, finishReleases } from "./commit-releases.ts";
import { openAttester } from "../attesting/open-attester.ts";
import { executePlan } from "../building/execute-plan.ts";
import { releaseOnGitHub } from "./github-release.ts";
import { checkExisting } from "./group-release.ts";
import { type OpenedReleases, openReleases } from "./open-releases.ts";
import { planServices } from "../planning/plan.ts";
import { previewReleases } from "./preview-releases.ts";
import type { ReleaseRequest } from "./release-request.ts";
import { summarize } from "../building/service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

export type { ReleaseRequest } from "./release-request.ts";

/**
 * Runs a release: open, plan, build, commit, promote, notes, GitHub release. Moves no visible tag before everything is built. After the
 * commit the release exists; if this command is interrupted, any later one finishes it.
 */
export async function release(workspace: Workspace, request: ReleaseRequest): Promise<ReleaseDocument> {
  const ahead = makeAhead(workspace, request);
  try {
    return await releaseWith(workspace, request, ahead);
  } finally {
    await ahead.close();
  }
}

async function releaseWith(workspace: Workspace, request: ReleaseRequest, ahead: Ahead): Promise<ReleaseDocument> {
  const { observer } = ahead;
  const started = workspace.host.monotonic();
  const opened = await openReleases(workspace, request, observer.history, ahead);
  if (opened.kind !== "open") return releaseUnplanned(workspace, request, opened, started);

  const { services, version } = opened;
  const planned = await planServices(observer, { services });
  const { plan } = planned;
  for (const each of opened.releases) checkExisting(workspace, each, plan);
  if (request.dryRun) return previewReleases(workspace, opened, planned);

  const attester = openAttester(workspace);
  const names = plan.steps.map(({ service }) => service);
  const writes = releasedNames(workspace.project, names);
  const results = await executePlan(observer, planned, { ...request, version, writes, attester });
  const released = {
    plan,
    results,
    because: null,
    isSeen: true,
    attester,
    ahead,
    bases: observer.pins.bases(),
  };
  const document = await commitReleases(workspace, opened, released);
  workspace.emit(summarize(workspace, results, started));
  return releaseOnGitHub(workspace, request, document);
}

/** Ends a release that needs no plan: there is nothing to release, or an earlier run committed it. */
export async function releaseUnplanned(
  workspace: Workspace,
  request: Pick<ReleaseRequest, "githubRelease">,
  opened: Exclude<OpenedReleases, { kind: "open" }>,
  started: number,
): Promise<ReleaseDocument> {
  switch (opened.kind) {
    case "nothing": {
      const nothing = { plan: null, services: [], tags: [], releases: [], notes: null } as const;
      return { version: 1, state: "nothing", because: opened.because, ...nothing };
    }
    case "finished": {
      const document = await finishReleases(workspace, opened);
      workspace.emit(summarize(workspace, [], started));
      return releaseOnGitHub(workspace, request, document);
    }
  }
}
