import { isClosedVariable } from "../model/build-variables.ts";

/**
 * Changes to the environment of buildx for one build: nothing that may change the image comes from there, save the values of secrets.
 * The metadata file needs no provenance, which buildx would look up.
 */
export function buildEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const closed = Object.keys(env).filter(isClosedVariable);
  return {
    ...Object.fromEntries(closed.map((name) => [name, undefined])),
    BUILDX_METADATA_PROVENANCE: "disabled",
  };
}
