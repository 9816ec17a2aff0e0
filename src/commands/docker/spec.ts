import { choiceFlag, textFlag, toggleFlag } from "../flag.ts";
import { initialValues, type OptionsOf, type PassThroughSpec } from "../spec.ts";
import { basesModes, reuseModes } from "../../model/drop-in-modes.ts";

const written = {
  arguments: {},
  flags: {
    reuse: choiceFlag("--reuse <mode>", "on; report: build, and say what would be reused; off", reuseModes),
    fingerprints: textFlag("--fingerprints <where>", "same: beside the image (default); an image name; off"),
    refresh: textFlag("--refresh <age>", "build anew what is older (default: 30d)"),
    bases: choiceFlag("--bases <mode>", "follow: a base that moved is a reason to build; hold", basesModes),
    stamp: textFlag("--stamp <args>", "build args that are no reason to build: GIT_SHA,BUILT"),
    protectTags: toggleFlag("--protect-tags", "leave tags that were moved for a later commit"),
  },
};

export type DockerOptions = OptionsOf<typeof written>;

export const docker: PassThroughSpec<DockerOptions> = {
  name: "docker",
  usage: "[options] build|buildx build|bake|… [docker's options]",
  summary: "Do what docker would; an image whose inputs did not change is not built",
  ...written,
  explanation: `
\`slipway docker build\`, \`image build\`, \`builder build\`, \`buildx build|bake\` and
\`bake\` take what docker's commands take, and print, write and end as they do.
Every other command goes to docker as it is. Options of Slipway's own come
first; the variable SLIPWAY_REUSE goes before --reuse. In another CI system
than GitHub's, SLIPWAY_RECORDS=shared lets the job for the trunk record what it
builds, for all others to reuse.`,
  examples: [
    { run: "slipway docker build --push -t ghcr.io/acme/api:1 .", for: "build, or reuse" },
    { run: "slipway docker --reuse report bake --push", for: "what would be reused" },
  ],
  defaults: initialValues(written),
  loadPassThrough: () => import("./run.ts"),
};
