import { addFault, type Faults, type Place } from "../written/place.ts";

/**
 * How Slipway treats a key of another tool's format. `carried`: into the build. `reported`: not used; a warning says what to do instead.
 * `refused`: without it the image would differ, or the build would fail.
 */
export type KeyUse =
  | { readonly use: "carried" }
  | { readonly use: "reported"; readonly instead: string }
  | { readonly use: "refused"; readonly because: string };

export type KeyTable = Readonly<Record<string, KeyUse>>;

const carried: KeyUse = { use: "carried" };
const reported = (instead: string): KeyUse => ({ use: "reported", instead });
const refused = (because: string): KeyUse => ({ use: "refused", because });

const caches = reported('Slipway chooses caches itself; see "cache" in slipway.yaml');
const attestations = reported(
  "every image gets BuildKit's provenance (mode=min), and an SBOM as `sbom` in slipway.yaml says",
);
const fresh = reported(
  'a service is built when its inputs change; "refresh" in slipway.yaml sets how old an image may become',
);
const cannotPass = refused("it cannot be passed on to a build; take it out, or list the services in slipway.yaml");

/** Keys of a target that `docker buildx bake --print` gives. Source: buildx, bake/bake.go, `Target`; `index-annotations` are those of another kind than the manifest's. */
export const bakeKeys: KeyTable = {
  description: carried,
  inherits: carried,
  annotations: carried,
  "index-annotations": reported('only annotations of the image\'s manifest are written; take the kind "index" away'),
  attest: attestations,
  context: carried,
  contexts: carried,
  dockerfile: carried,
  "dockerfile-inline": carried,
  args: carried,
  labels: carried,
  tags: carried,
  "cache-from": caches,
  "cache-to": caches,
  target: carried,
  secret: carried,
  ssh: carried,
  platforms: carried,
  output: reported("images are pushed as OCI images with BuildKit's own compression"),
  // Bases are looked up in the registry for every plan.
  pull: carried,
  "no-cache": fresh,
  "no-cache-filter": fresh,
  network: carried,
  "shm-size": carried,
  ulimits: carried,
  resources: reported("limits of a build's memory and processors are set on the builder"),
  call: carried,
  entitlements: carried,
  "extra-hosts": carried,
  policy: refused("source policies are not passed on to a build; take it out, or list the services in slipway.yaml"),
};

/** Keys of `build:`. Source: compose-go, schema/compose-spec.json. */
export const composeBuildKeys: KeyTable = {
  additional_contexts: carried,
  args: carried,
  cache_from: caches,
  cache_to: caches,
  context: carried,
  dockerfile: carried,
  dockerfile_inline: carried,
  entitlements: cannotPass,
  extra_hosts: carried,
  isolation: cannotPass,
  labels: carried,
  network: carried,
  no_cache: fresh,
  no_cache_filter: fresh,
  platforms: carried,
  privileged: cannotPass,
  provenance: attestations,
  // Bases are looked up in the registry for every plan.
  pull: carried,
  sbom: attestations,
  secrets: carried,
  shm_size: carried,
  ssh: carried,
  tags: carried,
  target: carried,
  ulimits: carried,
  "x-bake": reported('write what it says under the keys of "build", or move it into a bake file'),
};

/** Keys of `docker:` and `kaniko:` of an artifact. Source: Skaffold, docs-v2/content/en/schemas, `DockerArtifact`. */
export const skaffoldBuilderKeys: KeyTable = {
  addHost: carried,
  buildArgs: carried,
  cacheFrom: caches,
  cache: caches,
  cliFlags: reported("write the settings that the flags make into slipway.yaml"),
  dockerfile: carried,
  network: carried,
  noCache: fresh,
  // Bases are looked up in the registry for every plan.
  pullParent: carried,
  secret: carried,
  secrets: carried,
  squash: reported("an image keeps the layers of its Dockerfile"),
  ssh: carried,
  target: carried,
};

/** A key in a definition, with its place. */
export interface WrittenKey {
  readonly key: string;
  readonly at: Place;
}

/** Reports the keys of one image that are not carried: faults for refused ones, warnings for the others. */
export function reportKeys(
  table: KeyTable,
  name: string,
  keys: readonly WrittenKey[],
  told: { readonly faults: Faults; readonly warnings: Set<string> },
): void {
  for (const { key, at } of keys) {
    const use = Object.hasOwn(table, key) ? table[key] : reported("Slipway does not know this key");
    if (use === undefined || use.use === "carried") continue;
    if (use.use === "refused") addFault(told.faults, at, `"${key}" of "${name}": ${use.because}`);
    else told.warnings.add(`${at.file}:${at.line ?? 1}: "${key}" of "${name}" is not used: ${use.instead}`);
  }
}
