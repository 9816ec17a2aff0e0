import { SlipwayError } from "../../errors.ts";
import type { PinDocument, PinFormat } from "../../model/pin-document.ts";
import { pinRelease } from "../../core/deployments/pin-command.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import type { PinOptions } from "./spec.ts";

export { renderPin as render } from "../../report/render-pin.ts";

/** Pins a release; writes a file or pushes an artifact only with `write`. */
export function run(workspace: Workspace, options: PinOptions): Promise<PinDocument> {
  const { release, group, file, write, to } = options;
  const format = formatOf(options);
  if (write && format !== "flux" && file === undefined) {
    throw new SlipwayError("options-conflict", "--write needs the file to change", {
      hint: "name it: --file compose.yaml",
    });
  }
  return pinRelease(workspace, {
    release,
    group,
    format,
    file,
    write,
    valuesPath: options.path,
    folder: options.flux,
    to,
  });
}

function formatOf({ compose, kustomize, helm, flux }: PinOptions): PinFormat {
  const asked: Readonly<Record<PinFormat, boolean>> = { compose, kustomize, helm, flux: flux !== undefined };
  const formats = (["compose", "kustomize", "helm", "flux"] as const).filter((format) => asked[format]);
  const [format, ...others] = formats;
  if (format !== undefined && others.length === 0) return format;
  throw new SlipwayError(
    "options-conflict",
    format === undefined ? "no form is named" : `${formats.length} forms are named`,
    {
      hint: "name one: --compose, --kustomize, --helm or --flux FOLDER",
    },
  );
}
