import type { PinDocument } from "../../model/pin-document.ts";
import { optionalWord, textFlag, toggleFlag } from "../flag.ts";
import { groupFlag } from "../recorded-release.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {
    release: optionalWord("[release]", "the release to deploy (default: the newest, or the one rolled back to)"),
  },
  flags: {
    compose: toggleFlag("--compose", "as an override of a Compose file"),
    kustomize: toggleFlag("--kustomize", "as a component of a kustomization"),
    helm: toggleFlag("--helm", "as Helm values"),
    flux: textFlag("--flux <folder>", "as an artifact for Flux, of this folder's manifests"),
    file: textFlag("--file <file>", "pin the images that this file names, in place"),
    write: toggleFlag("--write", "write the file; push the artifact (default: print it)"),
    path: {
      ...textFlag("--path <keys>", "keys of Helm values (default: {service}.image)"),
      initial: "{service}.image",
    },
    to: textFlag("--to <name>", "image name of the artifact (default: the records' name with -flux)"),
    group: groupFlag,
  },
};

export type PinOptions = OptionsOf<typeof written>;

export const pin: CommandSpec<PinOptions, PinDocument> = {
  name: "pin",
  summary: "Pin deployments by digest: all services of one release, for Compose, Kustomize, Helm or Flux",
  ...written,
  explanation: `
Without --write nothing changes. In a file that is named, comments and layout
stay as they are.`,
  examples: [
    { run: "slipway pin 1.2.0 --compose", for: "an override for Compose" },
    { run: "slipway pin --helm --file values.yaml --write", for: "in place" },
    { run: "slipway pin 1.2.0 --flux deploy --write", for: "push an artifact" },
  ],
  defaults: initialValues(written),
  opens: ({ file }) => ({ outputs: file === undefined ? [] : [file] }),
  load: () => import("./run.ts"),
};
