import type { ServicesDocument } from "../../model/documents.ts";
import type { Project } from "../../model/service.ts";
import { findUnplannable } from "../../core/workspace/find-unplannable.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { renderServices } from "../../report/render-services.ts";
import type { Style } from "../../report/style.ts";

/** Result of `slipway services`. */
export interface FoundServices {
  readonly document: ServicesDocument;
  /** Data for the renderer. */
  readonly shown: Pick<Project, "services" | "leftOut" | "source"> & Pick<ServicesDocument, "unplannable">;
}

/** Finds the services, and those that cannot be planned as they are. */
export async function run({ project, tree }: Workspace): Promise<FoundServices> {
  const unplannable = await findUnplannable(project.services, tree);
  return { document: servicesDocument(project, unplannable), shown: { ...project, unplannable } };
}

/** Renders the services with the place where each was found. */
export function render({ shown }: FoundServices, style: Style): string {
  return renderServices(shown, style);
}

export function document({ document: made }: FoundServices): ServicesDocument {
  return made;
}

/** Makes the JSON document of `slipway services`; schema: `docs/reference/services.schema.json`. */
function servicesDocument(project: Project, unplannable: ServicesDocument["unplannable"]): ServicesDocument {
  return {
    services: project.services.map((service) => ({
      service: service.name,
      context: service.context,
      dockerfile: service.dockerfile,
      target: service.target ?? null,
      args: Object.fromEntries(Object.entries(service.args).map(([name, { value }]) => [name, value])),
      images: service.images,
      needs: service.needs,
      platforms: service.platforms,
    })),
    leftOut: project.leftOut.map(({ path, because }) => ({ path, because })),
    unplannable,
  };
}
