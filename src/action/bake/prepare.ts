import { resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { Host, ProcessResult } from "../../host.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { runBuildx } from "../../buildkit/buildx.ts";
import { leavesOutDefaults } from "../drop-in/attestations.ts";
import { type BuildxFacts, readBuildxFacts } from "../drop-in/buildx-facts.ts";
import { defaultContext } from "../drop-in/default-context.ts";
import { dockerRunOf } from "../drop-in/docker-run.ts";
import { makeBakeArguments, makePrintArguments } from "./arguments.ts";
import { parseBakeDefinition } from "./definition.ts";
import { type BakeInputs, readBakeInputs } from "./inputs.ts";

/** Bake that bake-action would run. */
export interface PreparedBake {
  readonly inputs: BakeInputs;
  readonly buildx: BuildxFacts;
  /** Arguments of buildx, starting with `bake`; the targets are not among them. */
  readonly argv: readonly string[];
  /** Definition that buildx prints for these arguments. */
  readonly printed: string;
  readonly cwd: string;
  /** Variables to add to buildx's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Reads the inputs, prints the definition with buildx, and decides on buildx's arguments. `metadata`: the path of the metadata file. */
export async function prepareBake(host: Host, ci: CiRun, metadata: string): Promise<PreparedBake> {
  const run = dockerRunOf(ci);
  const inputs = await readBakeInputs(host, run, await defaultContext(host, run, "ref"));
  const buildx = await readBuildxFacts(host, inputs.builder);
  const token = host.env["BUILDX_BAKE_GIT_AUTH_TOKEN"] ?? inputs.token;
  const cwd = inputs.source.kind === "folder" ? resolve(host.cwd, inputs.source.path) : host.cwd;
  const first = await print(host, makePrintArguments(inputs), {
    cwd,
    env: token === "" ? {} : { BUILDX_BAKE_GIT_AUTH_TOKEN: token },
  });
  const argv = makeBakeArguments(inputs, {
    run,
    buildx,
    leavesOutDefaults: leavesOutDefaults(host.env["BUILDX_NO_DEFAULT_ATTESTATIONS"]),
    definition: parseBakeDefinition(first),
    metadata,
  });
  const env = { BUILDX_BAKE_GIT_AUTH_TOKEN: token, BUILDX_METADATA_WARNINGS: "true" };
  const printed = await print(host, [...argv, ...inputs.targets, "--print"], { cwd, env });
  return { inputs, buildx, argv, printed, cwd, env };
}

interface PrintOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

async function print(host: Host, args: readonly string[], options: PrintOptions): Promise<string> {
  const { exitCode, stdout, stderr }: ProcessResult = await runBuildx(host, args, options);
  if (exitCode === 0) return new TextDecoder().decode(stdout).trim();
  throw new SlipwayError("definition-invalid", `cannot parse bake definitions: ${stderr.trim()}`, {
    hint: "`docker buildx bake --print` with the same files shows the fault",
  });
}
