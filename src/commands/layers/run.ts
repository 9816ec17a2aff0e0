import type { LayersDocument } from "../../model/layers-document.ts";
import { readLayers } from "../../core/layers/layers-command.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import type { LayersOptions } from "./spec.ts";

export { renderLayers as render } from "../../report/render-layers.ts";

/** Reads the layers of released images, and which limits they exceed. */
export function run(workspace: Workspace, options: LayersOptions): Promise<LayersDocument> {
  const { diff, ...request } = options;
  return readLayers(workspace, { ...request, since: diff });
}
