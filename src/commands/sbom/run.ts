import { listPackages } from "../../core/sboms/sbom-command.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { renderJson } from "../../formats/plain-text.ts";
import type { SbomDocument, SbomResult } from "../../model/sbom-document.ts";
import { renderSbom } from "../../report/render-sbom.ts";
import type { Style } from "../../report/style.ts";
import type { SbomOptions } from "./spec.ts";

/** Lists the packages of a released image. */
export async function run(workspace: Workspace, options: SbomOptions): Promise<SbomResult> {
  const { diff, format, ...request } = options;
  const { document, spdx, created } = await listPackages(workspace, { ...request, since: diff });
  switch (format) {
    case undefined:
      return { packages: document, exported: null };
    case "spdx":
      return { packages: document, exported: renderJson(spdx) };
    case "cyclonedx": {
      const { makeCycloneDx } = await import("../../sbom/make-cyclonedx.ts");
      return { packages: document, exported: renderJson(JSON.parse(makeCycloneDx({ ...document, created }))) };
    }
  }
}

/** Renders the document in the format that was asked for, or the packages for a person. */
export function render({ packages, exported }: SbomResult, style: Style): string {
  return exported ?? renderSbom(packages, style);
}

/** Returns the packages: the JSON document of the command. */
export function document({ packages }: SbomResult): SbomDocument {
  return packages;
}
