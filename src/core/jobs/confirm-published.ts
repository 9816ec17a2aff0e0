import { isDeepStrictEqual } from "node:util";
import type { PublishedImage } from "../../model/published-image.ts";
import { findPublished } from "../../images/published.ts";
import { plannedPlatform } from "./find-part.ts";
import type { Part, RunPlan } from "../planning/parts.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** The plan and parts of the run's other jobs, confirmed by the registry. */
export interface Confirmed {
  readonly runPlan: RunPlan | undefined;
  readonly parts: readonly Part[];
}

/**
 * Confirms every image of a run's plan and parts with the registry: one GET each. Every job of the run can write and delete artifacts, but
 * only jobs with push permission can write to a service's image name. So the artifact decides which fingerprint is released, and the
 * registry decides which image has it: a digest in the artifact that differs is replaced, with a warning. A fingerprint that was not
 * planned is accepted only if this run built its image.
 */
export async function confirmPublished(workspace: Workspace, { runPlan, parts }: Confirmed): Promise<Confirmed> {
  const [reused, confirmed] = await Promise.all([
    Promise.all(
      (runPlan?.reused ?? []).map(async ({ service, published }) => {
        const found = await confirm(workspace, service, published);
        return found === undefined ? [] : [{ service, published: found }];
      }),
    ),
    Promise.all(parts.map((part) => confirmPart(workspace, runPlan, part))),
  ]);
  return { runPlan: runPlan === undefined ? undefined : { ...runPlan, reused: reused.flat() }, parts: confirmed };
}

async function confirmPart(workspace: Workspace, runPlan: RunPlan | undefined, part: Part): Promise<Part> {
  const { service, platform, published } = part;
  if (published === null) return part;
  if (published.platform !== platform) return refused(part, `its job left an image for ${published.platform}`);
  const planned = runPlan === undefined ? null : (plannedPlatform(runPlan, service, platform)?.fingerprint ?? null);
  const found = await confirm(workspace, service, published);
  if (found === undefined) {
    return refused(
      part,
      `its job left an image that ${nameOf(workspace, service)} does not have under its fingerprint`,
    );
  }
  const { fingerprint, builtAt } = found;
  const isOfRun = runPlan !== undefined && builtAt >= runPlan.plannedAt;
  if (planned !== null && planned !== fingerprint && !isOfRun) {
    return refused(part, `its job left an image of other inputs than planned, which this run did not build`);
  }
  return { ...part, published: found, digest: found.digest, fingerprint };
}

function refused(part: Part, because: string): Part {
  return {
    ...part,
    outcome: "failed",
    published: null,
    digest: null,
    errorKind: "part-invalid",
    because: `${part.platform}: ${because}`,
  };
}

/** The registry's image under the fingerprint that an artifact names; undefined: the service has no such image. */
async function confirm(
  workspace: Workspace,
  service: string,
  said: PublishedImage,
): Promise<PublishedImage | undefined> {
  const name = workspace.project.services.find((each) => each.name === service)?.images[0];
  if (name === undefined || name !== said.name) return undefined;
  const { platform, fingerprint } = said;
  const found = await findPublished(workspace.registry, { name, prefix: "" }, platform, fingerprint);
  if (found.kind !== "published") return undefined;
  if (!isDeepStrictEqual(digestsOf(found), digestsOf(said))) {
    const message = `${service} ${platform}: the run's artifact names ${said.digest}, but the registry has ${found.digest} under the same inputs; the registry's image is released`;
    workspace.emit({ kind: "warning", message, service });
  }
  return found;
}

function digestsOf({ children }: PublishedImage): readonly string[] {
  return children.map(({ digest }) => digest);
}

function nameOf({ project }: Workspace, service: string): string {
  return project.services.find((each) => each.name === service)?.images[0] ?? service;
}
