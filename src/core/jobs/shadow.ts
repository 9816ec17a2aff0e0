import { errorMessage, isInterruption } from "../../errors.ts";
import type { Digest } from "../../model/digest.ts";
import type { BuildDocument } from "../../model/documents.ts";
import { makeLimit } from "../../model/limit.ts";
import type { Platform } from "../../model/platform.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { compareContent } from "../../images/compare-content.ts";
import type { ContentDifference } from "../../images/content-differences.ts";
import type { PublishedImage } from "../../model/published-image.ts";
import type { ImageContent } from "../../images/same-content.ts";
import { renderTags } from "../../records/tags.ts";
import { readWholeContent } from "../planning/early-cutoff.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** One image that Slipway reused or built beside another workflow. */
export interface ShadowBuild {
  readonly service: string;
  /** Whether Slipway reused the image, which makes the other workflow's build needless. */
  readonly outcome: "reused" | "built";
  /** Reference `name@sha256:…` of the platform's manifest or of an index; null: the run publishes nothing. */
  readonly image: string | null;
  readonly platform: Platform;
}

/** The images of a `slipway build`, one entry a platform; failed and cancelled services have none. */
export function shadowOfBuild({ project }: Workspace, { services }: BuildDocument): ShadowBuild[] {
  return services.flatMap(({ service, outcome, image }) => {
    if (outcome !== "reused" && outcome !== "built") return [];
    const platforms = project.services.find(({ name }) => name === service)?.platforms ?? [];
    return platforms.map((platform) => ({ service, platform, outcome, image }));
  });
}

/** The images that a run's plan reuses. */
export function shadowOfPlan({ reused }: RunPlan): ShadowBuild[] {
  return reused.map(({ service, published }) => ({ ...shadowOf(service, published), outcome: "reused" }));
}

/** The image of a part; none if it failed or was cancelled. */
export function shadowOfPart({ service, platform, outcome, published }: Part): ShadowBuild[] {
  if (outcome !== "reused" && outcome !== "built") return [];
  const image = published === null ? null : shadowOf(service, published).image;
  return [{ service, platform, outcome, image }];
}

function shadowOf(service: string, { name, platform, digest }: PublishedImage): Omit<ShadowBuild, "outcome"> {
  return { service, platform, image: `${name}@${digest}` };
}

/** Comparison of Slipway's images with those that the existing tags name. Plain JSON. */
export interface ShadowReport {
  readonly version: 1;
  readonly commit: string;
  readonly images: readonly ShadowComparison[];
}

/** One image beside the image that a tag names today. */
export interface ShadowComparison {
  readonly service: string;
  readonly platform: Platform;
  readonly outcome: ShadowBuild["outcome"];
  /** Reference `name@sha256:…` of Slipway's image; null: nothing was published. */
  readonly ours: string | null;
  /** Reference `name:tag` of the compared tag with its digest; null: no tag exists, or none has the platform. */
  readonly theirs: { readonly reference: string; readonly digest: Digest } | null;
  /** `same`: no difference at run time, file times aside. `unknown`: they could not be compared; `because` says why. */
  readonly state: "same" | "differs" | "unknown";
  readonly because: string | null;
  readonly differences: readonly ContentDifference[];
}

const comparedAtOnce = 4;

/** Compares images with those that the existing tags name. Changes nothing. */
export async function compareWithTags(workspace: Workspace, images: readonly ShadowBuild[]): Promise<ShadowReport> {
  const limit = makeLimit(comparedAtOnce);
  const compared = await Promise.all(images.map((image) => limit(() => compareImage(workspace, image))));
  return { version: 1, commit: workspace.repository.commit, images: compared };
}

async function compareImage(workspace: Workspace, image: ShadowBuild): Promise<ShadowComparison> {
  const { service: name, platform, outcome, image: ours } = image;
  const common = { service: name, platform, outcome, ours, theirs: null, differences: [] } as const;
  const unknown = (because: string): ShadowComparison => ({ ...common, state: "unknown", because });
  const service = workspace.project.services.find((each) => each.name === name);
  if (service === undefined) return unknown("there is no such service");
  const own = ours === null ? undefined : parseReference(ours);
  if (own?.digest === undefined) return unknown("this run publishes nothing, so there is nothing to compare");
  try {
    const found = await findTagged(workspace, service, platform);
    if (found === undefined) return unknown(`none of its tags is there: ${tagsOf(workspace, service).join(", ")}`);
    const { reference, digest, content } = found;
    const theirs = { reference, digest };
    const mine = await readWholeContent(workspace.registry, { name: own.name, digest: own.digest, platform });
    if (mine === undefined) return { ...unknown("its own image is not whole"), theirs };
    const differences = await compareContent(workspace.registry, [own.name, mine], [found.name, content]);
    return { ...common, theirs, state: differences.length === 0 ? "same" : "differs", because: null, differences };
  } catch (error) {
    if (isInterruption(error)) throw error;
    return unknown(errorMessage(error));
  }
}

interface Tagged {
  readonly name: ImageName;
  readonly reference: string;
  readonly digest: Digest;
  readonly content: ImageContent;
}

/** Finds the first of a service's tags that exists and has the platform. */
async function findTagged(workspace: Workspace, service: Service, platform: Platform): Promise<Tagged | undefined> {
  const { registry } = workspace;
  const [name] = service.images;
  for (const tag of tagsOf(workspace, service)) {
    const head = await registry.headManifest(name, tag);
    if (head === undefined) continue;
    const content = await readWholeContent(registry, { name, digest: head.digest, platform });
    if (content !== undefined) return { name, reference: `${name}:${tag}`, digest: head.digest, content };
  }
  return undefined;
}

/** Tags to compare with: those of the branch, the commit's own first, then the fixed tags of versions, such as `latest`. */
function tagsOf({ repository }: Workspace, service: Service): string[] {
  const { branch, commit } = repository;
  const fixed = service.tags.version.filter((template) => !template.includes("{"));
  if (branch === undefined) return fixed;
  const subject = { kind: "branch", branch, generation: 0, committedAt: "", revision: 1 } as const;
  const { version, moving } = renderTags(service.tags, {
    service: service.name,
    group: service.group,
    subject,
    commit,
  });
  return [...new Set([...version, ...moving, ...fixed])];
}
