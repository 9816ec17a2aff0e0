import { type DialogueSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = { arguments: {}, flags: {} };

export type PublishersOptions = OptionsOf<typeof written>;

export const publishers: DialogueSpec<PublishersOptions> = {
  name: "publishers",
  summary: "Show every place that publishes images from a GitHub workflow, and on which event",
  ...written,
  explanation: `
Reads the workflows, and the local actions, scripts, makefiles and package.json
scripts that they call. What is not understood is listed with the reason; the
exit code is 0 all the same.`,
  examples: [
    { run: "slipway publishers", for: "a line a place" },
    { run: "slipway publishers --json", for: "with the way that leads there" },
  ],
  defaults: initialValues(written),
  loadDialogue: () => import("./run.ts"),
};
