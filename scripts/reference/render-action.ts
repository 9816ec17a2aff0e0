import type { YamlMap } from "../../src/formats/yaml-data.ts";
import { type ActionInput, actionInputs, actionOutputs } from "../../src/workflow/action-contract.ts";
import {
  bakeActionInputs,
  bakeOutputs,
  buildPushActionInputs,
  buildPushOutputs,
  reuseInputs,
} from "../../src/workflow/drop-in-contract.ts";
import { setupInputs } from "../../src/workflow/setup-contract.ts";
import { renderYaml } from "../../src/workflow/yaml-value.ts";

/** What GitHub reads of an action of this repository: the file `action.yml` of its folder. */
interface ActionFile {
  readonly name: string;
  readonly description: string;
  /** The module that the file is made from. */
  readonly source: string;
  readonly inputs: Readonly<Record<string, ActionInput>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Scripts, by paths from the file. */
  readonly main: string;
  readonly post: string;
}

/** `action.yml`: the action itself. */
export function renderActionYaml(): string {
  return renderActionFile({
    name: "Slipway",
    description: "Releases the container images of a multi-service repository: builds only what changed.",
    source: "src/workflow/action-contract.ts",
    inputs: actionInputs,
    outputs: actionOutputs,
    main: "dist/action/main.js",
    post: "dist/action/post.js",
  });
}

/** `setup/action.yml`: the step before scripts that build. */
export function renderSetupYaml(): string {
  return renderActionFile({
    name: "Slipway setup",
    description:
      "Builds of the scripts that follow go through Slipway: an image whose inputs did not change is not built again.",
    source: "src/workflow/setup-contract.ts",
    inputs: setupInputs,
    outputs: {},
    main: "../dist/action/setup/main.js",
    post: "../dist/action/setup/post.js",
  });
}

/** `build-push/action.yml`: the step in place of docker/build-push-action. */
export function renderBuildPushYaml(): string {
  return renderActionFile({
    name: "Slipway build and push",
    description: "docker/build-push-action, that builds only what changed.",
    source: "src/workflow/drop-in-contract.ts",
    inputs: { ...buildPushActionInputs, ...reuseInputs },
    outputs: buildPushOutputs,
    main: "../dist/action/build-push/main.js",
    post: "../dist/action/drop-in/post.js",
  });
}

/** `bake/action.yml`: the step in place of docker/bake-action. */
export function renderBakeYaml(): string {
  return renderActionFile({
    name: "Slipway bake",
    description: "docker/bake-action, that builds only what changed.",
    source: "src/workflow/drop-in-contract.ts",
    inputs: { ...bakeActionInputs, ...reuseInputs },
    outputs: bakeOutputs,
    main: "../dist/action/bake/main.js",
    post: "../dist/action/drop-in/post.js",
  });
}

function renderActionFile({ name, description, source, inputs, outputs, main, post }: ActionFile): string {
  const written = Object.entries(inputs).map(
    ([input, { description: text, required, fallback }]): [string, YamlMap] => [
      input,
      { description: text, required, ...(fallback === "" ? {} : { default: fallback }) },
    ],
  );
  const given = Object.entries(outputs).map(([output, text]): [string, YamlMap] => [output, { description: text }]);
  const lines = renderYaml(
    {
      name,
      description,
      author: "Slipway",
      branding: { icon: "anchor", color: "blue" },
      inputs: Object.fromEntries(written),
      ...(given.length === 0 ? {} : { outputs: Object.fromEntries(given) }),
      runs: { using: "node24", main, post },
    },
    0,
  );
  return `# Generated from ${source} by \`npm run docs\`.\n${lines.join("\n")}\n`;
}

/** The action's inputs and outputs, for people. */
export function renderActionReference(): string {
  const inputs = Object.entries(actionInputs).map(([name, { description, required, fallback }]) => {
    const given = required ? "must be given" : fallback === "" ? "" : `\`${fallback}\``;
    return `| \`${name}\` | ${cell(description)} | ${cell(given)} |`;
  });
  const outputs = Object.entries(actionOutputs).map(([name, description]) => `| \`${name}\` | ${cell(description)} |`);
  return `# The GitHub Action

\`slipway init\` writes a workflow that calls it; this page is for whoever reads or writes one by hand.

\`\`\`yaml
permissions:
  contents: write # to write the GitHub release
  packages: write # to push images, records and tags
steps:
  - uses: OWNER/slipway@v1
    id: slipway
    with:
      command: release
\`\`\`

That is all of it for one job that plans, builds and releases: the action checks out what it needs by itself and logs in to
GitHub's own registry. Where a step before has checked out the repository, that is taken.

## Inputs

| input | what | without it |
|---|---|---|
${inputs.join("\n")}

Lists are separated by spaces, commas or lines. An empty text is nothing said. Every fault is told at once, and nothing is done then.

## Outputs

| output | what |
|---|---|
${outputs.join("\n")}

## What a run is

| started by | released | as |
|---|---|---|
| a push to a branch | yes | the branch |
| a push of a version's tag, \`release: published\` | yes | that version, of the release group whose tag pattern fits |
| a pull request, a merge queue | never | |
| a person (\`workflow_dispatch\`), another workflow (\`workflow_call\`), a schedule, anything else | where \`release\` is \`true\` | \`version\`, else the tag or branch that the run is for |

\`release: false\` and \`shadow: true\` only build, whatever started the run. A tag that fits no pattern of a release group releases
nothing: a warning says so, and the job succeeds. A tag that fits one but is no semantic version (\`v1.2\`) fails the job: somebody
meant to release.

## Pull requests

A pull request builds what it changes and publishes nothing. Where the configuration names \`previews\`, those of the repository's
own branches (never of forks) are pushed to these names under \`pr-NUMBER\` by \`command: release\`, and one comment says what to
pull; when the pull request is closed they are deleted. That takes:

\`\`\`yaml
on:
  pull_request:
    types: [opened, synchronize, reopened, closed]
permissions:
  contents: read
  packages: write # to push and delete previews
  pull-requests: write # to comment
\`\`\`

## Jobs of their own

\`command: plan\` gives the matrices, \`command: build\` builds one entry, \`command: release\` with \`jobs: matrix\` releases what they
built; plan and release need no Docker. They hand over to each other by artifacts of the run, which an Enterprise Server does not
have: one job works everywhere. A re-run of failed jobs goes on from what is there; when the plan's artifact is older than a day, all
jobs are to be run again, and published images are not built again.

## What it leaves in the job

Logins are in a \`DOCKER_CONFIG\` folder of the action's own below \`RUNNER_TEMP\`, made from the one that is there; at the end of the
job it is removed, with the builder, where one had to be made. The token reaches git by the environment of the action's own git
processes; it is in no file, and no other step has it.

## Exit codes

The step fails with the exit codes of the command line: see [cli.md](cli.md).
`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
