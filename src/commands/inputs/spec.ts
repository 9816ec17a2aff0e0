import type { Inputs } from "../../model/inputs.ts";
import { requiredWord, textFlag, toggleFlag } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: { service: requiredWord("<service>", "whose inputs") },
  flags: {
    platform: textFlag("--platform <platform>", "such as linux/arm64 (default: the service's first)"),
    offline: toggleFlag("--offline", "do not look up base images; there is no fingerprint then"),
  },
};

export type InputsOptions = OptionsOf<typeof written>;

export const inputs: CommandSpec<InputsOptions, Inputs> = {
  name: "inputs",
  summary: "List every input that decides a service's image",
  ...written,
  examples: [
    { run: "slipway inputs api", for: "files, args, base images and more" },
    { run: "slipway inputs api --offline", for: "without asking a registry" },
    { run: "slipway inputs api --platform linux/amd64", for: "of one of its platforms" },
  ],
  defaults: initialValues(written),
  opens: ({ offline }) => ({ offline }),
  load: () => import("./run.ts"),
};
