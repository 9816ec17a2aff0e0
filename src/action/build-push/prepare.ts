import type { Host } from "../../host.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { leavesOutDefaults } from "../drop-in/attestations.ts";
import { type BuildxFacts, readBuildxFacts } from "../drop-in/buildx-facts.ts";
import { defaultContext } from "../drop-in/default-context.ts";
import { dockerRunOf } from "../drop-in/docker-run.ts";
import { type BuildFiles, type BuildPushArguments, makeBuildPushArguments } from "./arguments.ts";
import { type BuildPushInputs, readBuildPushInputs } from "./inputs.ts";

/** Build that build-push-action would run. */
export interface PreparedBuildPush extends BuildPushArguments {
  readonly inputs: BuildPushInputs;
  readonly buildx: BuildxFacts;
}

/** Reads the inputs, queries buildx for its capabilities, and decides on buildx's arguments. */
export async function prepareBuildPush(host: Host, ci: CiRun, files: BuildFiles): Promise<PreparedBuildPush> {
  const run = dockerRunOf(ci);
  const inputs = await readBuildPushInputs(host.env, run, await defaultContext(host, run, "commit"));
  const buildx = await readBuildxFacts(host, inputs.builder);
  const surroundings = {
    run,
    buildx,
    leavesOutDefaults: leavesOutDefaults(host.env["BUILDX_NO_DEFAULT_ATTESTATIONS"]),
    files,
  };
  return { inputs, buildx, ...makeBuildPushArguments(inputs, surroundings) };
}
