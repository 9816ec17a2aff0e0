import { isClosedVariable } from "../model/build-variables.ts";

/**
 * Changes to the environment of buildx for one build. Removes every variable that could change the image, except the values of secrets.
 * Turns off provenance in the metadata file, because buildx would spend time to look it up.
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
