import type { Project } from "../model/service.ts";

/** The JSON document of `slipway services`; schema: `docs/reference/services.schema.json`. */
export interface ServicesDocument {
  readonly services: readonly {
    readonly service: string;
    readonly context: string;
    readonly dockerfile: string;
    readonly target: string | null;
    readonly args: Readonly<Record<string, string>>;
    readonly images: readonly string[];
    readonly needs: readonly string[];
    readonly platforms: readonly string[];
  }[];
  readonly leftOut: readonly { readonly path: string; readonly because: string }[];
}

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
