import { exitCodeOfServices } from "../../errors.ts";
import type { BuildDocument } from "../../model/documents.ts";
import { type CommandSpec, initialValues } from "../spec.ts";
import { type BuildOptions, buildWritten } from "./options.ts";

export const build: CommandSpec<BuildOptions, BuildDocument> = {
  name: "build",
  summary: "Build what changed, in parallel, and push it by digest; no visible tag moves",
  ...buildWritten,
  hasEvents: true,
  examples: [
    { run: "slipway build", for: "everything that changed" },
    { run: "slipway build api web", for: "two services and what they need" },
    { run: "slipway build --parallel 2 --cache none", for: "two at once, without a cache" },
  ],
  defaults: initialValues(buildWritten),
  load: () => import("./run.ts"),
  exitCode: ({ services }) => exitCodeOfServices(services),
};
