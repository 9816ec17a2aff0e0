import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import { buildPlainly } from "./build-plainly.ts";
import type { DropInContext, DropInRequest, DropInResult } from "./request.ts";

/**
 * Does what `docker buildx build` would do with these arguments: builds, or points the tags at a published image that is the same. Throws
 * `interrupted`; a build that fails is a result with buildx's exit code.
 */
export async function runDropIn(context: DropInContext, request: DropInRequest): Promise<DropInResult> {
  const invocation = readBuildArguments(request.argv, context.host.env);
  const [unknown] = invocation.unknown;
  const because = unknown === undefined ? "nothing is planned yet" : `${unknown.written}: ${unknown.because}`;
  const { exitCode, metadata, digest, imageId } = await buildPlainly(context, request, invocation);
  return {
    kind: "built",
    because,
    fingerprint: null,
    imageId,
    digest,
    metadata,
    exitCode,
    savedSeconds: null,
    spoiledBy: [],
  };
}
