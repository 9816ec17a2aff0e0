import type { NotCounted } from "../model/not-counted.ts";
import type { BuildSecret } from "../model/service.ts";

/** buildx's and BuildKit's own variables, each of which may change a build in a version to come. */
const closedNames = /^(?:BUILDX|BUILDKIT|EXPERIMENTAL)_/;

/** Those of them that are passed on, each with the reason why it need not be counted. */
const passing: Readonly<Record<string, NotCounted>> = {
  BUILDX_BUILDER: "builder",
  BUILDX_CONFIG: "builder",
  BUILDKIT_HOST: "builder",
  BUILDKIT_NO_CLIENT_TOKEN: "builder",
  BUILDX_CPU_PROFILE: "progress",
  BUILDX_MEM_PROFILE: "progress",
};

/**
 * Further variables that would change the build: `SOURCE_DATE_EPOCH` enters cache keys; a platform or a builder set in the user's shell is
 * not part of the definition.
 */
const dropped = ["SOURCE_DATE_EPOCH", "DOCKER_BUILDKIT", "DOCKER_CONTENT_TRUST", "DOCKER_DEFAULT_PLATFORM"];

/**
 * Changes to the environment of buildx for one build: nothing that may change the image comes from there, save the values of secrets.
 * The metadata file needs no provenance, which buildx would look up.
 */
export function buildEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  secrets: readonly BuildSecret[],
): Record<string, string | undefined> {
  const named = new Set(secrets.flatMap(({ from }) => (from.kind === "env" ? [from.name] : [])));
  const closed = Object.keys(env).filter((name) => closedNames.test(name) && passing[name] === undefined);
  const removed = [...closed, ...dropped].filter((name) => !named.has(name));
  return {
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
    BUILDX_METADATA_PROVENANCE: "disabled",
  };
}
