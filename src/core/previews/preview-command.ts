import { SlipwayError } from "../../errors.ts";
import { previewStore, previewTag } from "../planning/destination.ts";
import type { Digest } from "../../model/digest.ts";
import type { BuiltService } from "../../model/documents.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { ImageName } from "../../model/reference.ts";
import { type BuildCommandRequest, executePlan } from "../building/execute-plan.ts";
import { checkRunPlan } from "../jobs/check-run-plan.ts";
import { gatherParts } from "../jobs/gather-parts.ts";
import { readReleaseGrowth } from "../layers/release-growth.ts";
import type { ServiceGrowth } from "../../notes/size-growth.ts";
import { makeReleaseHistory, type ReleaseHistory } from "../planning/release-history.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import { makeObserver } from "../planning/observer.ts";
import { planServices } from "../planning/plan.ts";
import { describe, hasImage, type ServiceResult, summarize } from "../building/service-result.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Result of a pull request's previews. Plain JSON. */
export interface PreviewDocument {
  readonly version: 1;
  readonly commit: string;
  readonly pullRequest: number;
  /** `failed`: a service did not build. The other services' preview tags are put nevertheless. */
  readonly state: "previewed" | "failed";
  readonly services: readonly PreviewedService[];
  /** How the previewed images differ in size from those released last. */
  readonly growth: readonly ServiceGrowth[];
}

/** One service. `preview`: what to pull; null: the service is the same as on trunk, so it has no preview. */
export interface PreviewedService extends BuiltService {
  readonly preview: { readonly reference: string; readonly digest: Digest } | null;
}

/** Builds the services that a pull request changes and pushes them as previews, in one job. The caller checks `mayPreview` first. */
export async function preview(
  workspace: Workspace,
  request: BuildCommandRequest & { readonly services: readonly string[]; readonly pullRequest: number },
): Promise<PreviewDocument> {
  const started = workspace.host.monotonic();
  const { pullRequest } = request;
  checkConfigured(workspace);
  const observer = makeObserver(workspace, { force: request.force, preview: pullRequest });
  const planned = await planServices(observer, { services: request.services });
  const results = await executePlan(observer, planned, { ...request, preview: pullRequest });
  const document = await tagPreviews(workspace, pullRequest, results, observer.history);
  workspace.emit(summarize(workspace, results, started));
  return document;
}

/** Puts the preview tags from a run's parts, whose images their jobs have pushed. */
export async function previewParts(
  workspace: Workspace,
  { runPlan, parts }: { readonly runPlan: RunPlan; readonly parts: readonly Part[] },
): Promise<PreviewDocument> {
  checkRunPlan(workspace, runPlan);
  checkConfigured(workspace);
  if (runPlan.preview === null) {
    throw new SlipwayError("usage", "the run was not planned for previews, so its images were not pushed", {
      hint: "re-run all jobs, so that the run is planned again",
    });
  }
  const { commit, steps } = runPlan.plan;
  const results = steps.flatMap(({ service: name }) => {
    const service = workspace.project.services.find((each) => each.name === name);
    return service === undefined ? [] : [gatherParts(service, { runPlan, parts, again: [], commit })];
  });
  return tagPreviews(workspace, runPlan.preview, results, makeReleaseHistory(workspace));
}

function checkConfigured({ project }: Workspace): void {
  if (project.services.every((service) => service.preview !== undefined)) return;
  throw new SlipwayError("previews-not-configured", "no image name for previews is configured", {
    hint: 'write into slipway.yaml, for example: previews: "ghcr.io/acme/shop/{service}-preview"',
  });
}

async function tagPreviews(
  workspace: Workspace,
  pullRequest: number,
  results: readonly ServiceResult[],
  history: ReleaseHistory,
): Promise<PreviewDocument> {
  const services = await Promise.all(
    results.map(async (result): Promise<PreviewedService> => {
      const tagged = await tagPreview(workspace, pullRequest, result);
      const at =
        tagged === undefined ? null : { reference: `${tagged.name}:${previewTag(pullRequest)}`, digest: tagged.digest };
      const described = describe(result);
      return { ...described, image: at === null ? described.image : `${tagged?.name}@${at.digest}`, preview: at };
    }),
  );
  const state = !results.every(hasImage) ? "failed" : "previewed";
  const shown = new Set(services.filter((each) => each.preview !== null).map(({ service }) => service));
  const previewed = results.filter(({ service }) => shown.has(service.name));
  const growth = await Promise.all(previewed.map((result) => readPreviewGrowth(workspace, result, history)));
  return { version: 1, commit: workspace.repository.commit, pullRequest, state, services, growth: growth.flat() };
}

/** Compares the images of a preview with those of the service's last release. */
async function readPreviewGrowth(
  workspace: Workspace,
  { service, platforms }: ServiceResult,
  history: ReleaseHistory,
): Promise<ServiceGrowth[]> {
  const last = await history.service(service.name);
  const images = platforms.flatMap(({ published }) => published ?? []);
  const growth = images.map(({ name, platform, digest, fingerprint, size }) =>
    readReleaseGrowth(
      workspace,
      [{ service: service.name, images: [name], platforms: [{ platform, digest, fingerprint, size }] }],
      last?.manifest,
    ),
  );
  return (await Promise.all(growth)).flat();
}

/** Puts the tag of a pull request. Undefined: the service is unchanged since trunk and had no preview before. */
async function tagPreview(
  { registry, emit }: Workspace,
  pullRequest: number,
  { service, index, platforms }: ServiceResult,
): Promise<{ name: ImageName; digest: Digest } | undefined> {
  if (index === undefined) return undefined;
  const { name } = previewStore(service, pullRequest);
  const tag = previewTag(pullRequest);
  const before = await registry.headManifest(name, tag);
  const isOwn = platforms.some(({ published }) => published?.name === name);
  if (!isOwn && before === undefined) return undefined;
  for (const { published } of platforms) {
    // An unchanged platform's image is stored under the released name, so its manifests are copied.
    for (const { digest } of published === undefined || published.name === name ? [] : published.children) {
      await registry.copyManifestTree(published?.name ?? name, digest, name);
    }
  }
  const raw: RawManifest = index;
  if (before?.digest !== raw.digest) await registry.putManifest(name, tag, raw);
  const state = before === undefined ? "created" : before.digest === raw.digest ? "already" : "moved";
  emit({ kind: "tag", image: name, tag, from: before?.digest ?? null, to: raw.digest, state, because: undefined });
  return { name, digest: raw.digest };
}
