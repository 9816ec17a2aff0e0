import type { NotCounted } from "./not-counted.ts";

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
const further: ReadonlySet<string> = new Set([
  "SOURCE_DATE_EPOCH",
  "DOCKER_BUILDKIT",
  "DOCKER_CONTENT_TRUST",
  "DOCKER_DEFAULT_PLATFORM",
]);

/** Whether buildx or BuildKit would build something else with this variable in buildx's environment: it never gets there. */
export function isClosedVariable(name: string): boolean {
  return further.has(name) || (closedNames.test(name) && passing[name] === undefined);
}
