import type { ReleaseDocument } from "../../model/documents.ts";
import { previewRelease } from "../../records/preview-release.ts";
import { imagesOf, makeNextManifest } from "./manifest.ts";
import type { OpenReleases } from "./open-releases.ts";
import type { Planned } from "../planning/plan.ts";
import { plannedResults } from "../building/planned-results.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Previews what the releases would do to tags (`--dry-run`), from the plan alone. Throws the same errors as the release. */
export async function previewReleases(
  workspace: Workspace,
  { releases: opened, services: named, history, because }: OpenReleases,
  planned: Planned,
): Promise<ReleaseDocument> {
  const { host, registry, project } = workspace;
  const { releases, services } = project;
  const index = await history.records();
  const results = plannedResults(planned).filter(({ result }) => named.includes(result.service.name));
  const tags = await Promise.all(
    opened.map(async (release) => {
      const own = results.filter(({ result }) => result.service.group === release.group.name);
      const previous = await release.previous;
      const content = {
        images: imagesOf(
          workspace,
          own.map(({ result }) => result),
        ),
        bases: undefined,
      };
      const manifest = makeNextManifest(workspace, release, previous, content);
      const unbuilt = new Set(own.flatMap(({ result, isBuilt }) => (isBuilt ? [] : [result.service.name])));
      return previewRelease(host, registry, { releases, services, index, manifest, unbuilt });
    }),
  );
  const nothing = { services: [], releases: [], notes: null } as const;
  return { version: 1, state: "dry-run", because, plan: planned.plan, tags: tags.flat(), ...nothing };
}
