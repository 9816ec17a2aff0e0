import type { BuildDocument } from "../../model/documents.ts";
import { type BuildCommandRequest, executePlan } from "./execute-plan.ts";
import { openAttester } from "../attesting/open-attester.ts";
import { makeObserver } from "../planning/observer.ts";
import { planServices } from "../planning/plan.ts";
import { mayPublish } from "../workspace/may-publish.ts";
import { describe, type ServiceResult, summarize } from "./service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Builds the changed services and pushes their images by digest; moves no visible tag. `version`: the release that the images are built
 * for, written into their labels.
 */
export async function build(
  workspace: Workspace,
  request: BuildCommandRequest & { readonly services: readonly string[]; readonly version?: string | undefined },
): Promise<BuildDocument> {
  const started = workspace.host.monotonic();
  const attester = openAttester(workspace);
  const observer = makeObserver(workspace, { force: request.force });
  const planned = await planServices(observer, { services: request.services });
  const results = await executePlan(observer, planned, { ...request, attester });
  const pullable = await Promise.all(results.map((result) => makePullable(workspace, result)));
  workspace.emit(summarize(workspace, pullable, started));
  return {
    version: 1,
    commit: workspace.repository.commit,
    services: pullable.map(describe),
  };
}

/**
 * Pushes the index over several platforms if the registry lacks it, so that the image can be pulled by digest. An untrusted run pushes
 * nothing and drops the index from the result.
 */
async function makePullable({ registry, trust }: Workspace, result: ServiceResult): Promise<ServiceResult> {
  const { service, index } = result;
  if (index === undefined) return result;
  const [name] = service.images;
  const { digest } = index;
  if ((await registry.headManifest(name, digest)) !== undefined) return result;
  if (!mayPublish(trust)) return { ...result, index: undefined };
  await registry.putManifest(name, digest, index);
  return result;
}
