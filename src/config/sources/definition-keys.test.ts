import { describe, expect, test } from "vitest";
import { bakeKeys, composeBuildKeys, type KeyTable, skaffoldBuilderKeys } from "./definition-keys.ts";

/** The keys that each format knows, as its own source lists them. */
const known: readonly (readonly [string, KeyTable, string])[] = [
  [
    "bake (buildx 0.31, bake/bake.go)",
    bakeKeys,
    "description inherits annotations index-annotations attest context contexts dockerfile dockerfile-inline args labels tags cache-from cache-to target secret ssh platforms output pull no-cache network no-cache-filter shm-size ulimits resources call entitlements extra-hosts policy",
  ],
  [
    "Compose (compose-go 2.14, schema/compose-spec.json, x-bake of buildx)",
    composeBuildKeys,
    "additional_contexts args cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts isolation labels network no_cache no_cache_filter platforms privileged provenance pull sbom secrets shm_size ssh tags target ulimits x-bake",
  ],
  [
    "Skaffold (v4beta13, DockerArtifact; secret and cache of older versions and kaniko)",
    skaffoldBuilderKeys,
    "addHost buildArgs cacheFrom cache cliFlags dockerfile network noCache pullParent secret secrets squash ssh target",
  ],
];

describe("the table of keys", () => {
  test.each(known)("of %s has every key of the format and no other", (_, table, keys) => {
    expect(Object.keys(table).sort()).toEqual(keys.split(" ").sort());
  });

  test.each(known)("of %s says what to do for every key that is not carried", (_, table) => {
    for (const use of Object.values(table)) {
      if (use.use === "reported") expect(use.instead).not.toBe("");
      if (use.use === "refused") expect(use.because).toMatch(/take it out|allow/);
    }
  });
});
