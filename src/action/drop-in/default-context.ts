import type { Host } from "../../host.ts";
import { isSwitchedOn } from "./attestations.ts";
import { isBuildxSince, readBuildxVersion } from "./buildx-facts.ts";
import type { DockerRun } from "./docker-run.ts";
import { ownGitContext, type GitContextFormat } from "./own-git-context.ts";

/** Returns the context of a step that names none, in the form of docker's actions. */
export async function defaultContext(host: Host, run: DockerRun, pins: GitContextFormat["pins"]): Promise<string> {
  const { env } = host;
  const isHead = isSwitchedOn(env["DOCKER_DEFAULT_GIT_CONTEXT_PR_HEAD_REF"]);
  const isQuery =
    isSwitchedOn(env["BUILDX_SEND_GIT_QUERY_AS_INPUT"]) &&
    isBuildxSince({ version: await readBuildxVersion(host) }, "0.29.0");
  return ownGitContext(run, { as: isQuery ? "query" : "fragment", pins, isHead });
}
