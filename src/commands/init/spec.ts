import { choiceFlag, listFlag, numberFlag, textFlag, toggleFlag } from "../flag.ts";
import { type DialogueSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {},
  flags: {
    yes: toggleFlag("-y, --yes", "write without asking"),
    dryRun: toggleFlag("--dry-run", "show a diff; write nothing"),
    convert: toggleFlag("--convert", "replace workflows that publish by one that plans, builds and releases"),
    workflow: textFlag("--workflow <file>", "only this workflow of those that publish"),
    forks: toggleFlag("--forks", "change forks of docker/build-push-action, too"),
    beside: toggleFlag("--beside", "write a workflow beside those that publish, and leave them as they are"),
    jobs: choiceFlag("--jobs <layout>", "a job a changed service, or all in one (default: by their number)", [
      "matrix",
      "single",
    ]),
    shadow: toggleFlag("--shadow", "beside the old workflow: plan and build, move no tag"),
    guides: toggleFlag("--guides", "also docs/DOCKER_*.md and a README section, with numbers measured here"),
    semanticRelease: toggleFlag(
      "--semantic-release",
      "let semantic-release make versions: its configuration, and a job",
    ),
    force: toggleFlag("--force", "leave out what cannot be carried over from a hand-made workflow"),
    runner: listFlag(
      "--runner <[platform=]labels...>",
      "labels of self-hosted runners; `light=` for jobs without Docker",
    ),
    maxJobs: numberFlag("--max-jobs <n>", "how many build jobs may run at once"),
    action: textFlag("--action <owner/repo@ref>", "the action to use (default: Slipway's own, by commit)"),
  },
};

export type InitOptions = OptionsOf<typeof written>;

export const init: DialogueSpec<InitOptions> = {
  name: "init",
  summary: "Let the workflows that publish reuse images; where none does, write one that plans, builds and releases",
  ...written,
  explanation: `
In a repository that publishes images from a workflow, the lines that build are
changed and nothing else: docker/build-push-action becomes Slipway's step with
the same inputs, and Slipway is set up before scripts that build. With --convert
the whole workflow is replaced.

Run again, it changes only what the repository changed; what you changed by hand
is shown before it is written over.`,
  examples: [
    { run: "slipway init --dry-run", for: "what it would write" },
    { run: "slipway init --yes --jobs matrix", for: "do not ask" },
    { run: "slipway init --convert --dry-run", for: "a whole new workflow" },
    { run: "slipway init --guides", for: "also the guides" },
    { run: "slipway init --runner linux/arm64=self-hosted,arm", for: "your own runners" },
  ],
  defaults: initialValues(written),
  loadDialogue: () => import("./run.ts"),
};
