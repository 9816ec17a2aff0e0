import type { ServicesDocument } from "../model/documents.ts";
import type { Project } from "../model/service.ts";

/** The JSON document of `slipway services`. */
export function servicesDocument(project: Project): ServicesDocument {
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
  };
}
