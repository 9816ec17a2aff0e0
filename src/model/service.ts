import type { ImageName } from "./reference.ts";
import type { Platform } from "./platform.ts";
import type { VersionSource } from "./version-source.ts";

/**
 * A build arg's value. `stamp`: it is baked in when a build happens, but never decides whether one does. `confidential`: it is from a
 * variable that looks like a credential, so no name that is looked up may depend on it.
 */
export interface BuildArg {
  readonly value: string;
  readonly stamp: boolean;
  readonly confidential?: true;
}

/** What a named context (`FROM name`, `COPY --from=name`) stands for. Paths are relative to the repository root. */
export type NamedContext =
  | { readonly kind: "service"; readonly service: string }
  | { readonly kind: "image"; readonly reference: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "git"; readonly url: string };

/** Passed through to BuildKit; never in a fingerprint, a log or a record. */
export interface BuildSecret {
  readonly id: string;
  /** A file, relative to the repository root or absolute, or an environment variable. */
  readonly from: { readonly kind: "file"; readonly path: string } | { readonly kind: "env"; readonly name: string };
}

/** Settings of a build that change its result, named as `docker buildx build` names them. */
export interface BuildSettings {
  readonly network?: "default" | "none" | "host";
  readonly extraHosts?: readonly string[];
  readonly ulimits?: readonly string[];
  readonly shmSize?: string;
}

export type CacheTierName = "gha" | "registry" | "latest" | "inline";

/** Which cache tiers to use; `auto`: the program chooses. An empty list: none. */
export type CacheSetting = "auto" | readonly CacheTierName[];

/** Templates of the tags a release gives an image; see `release/tags.ts` for what may stand in braces. */
export interface TagTemplates {
  /** For a release with a version: `{version}`, `{major}.{minor}`, `{major}`, `latest`. */
  readonly version: readonly string[];
  /** For a release of a branch: `{branch}`, `sha-{sha}`. */
  readonly branch: readonly string[];
}

/** One image-producing unit of the repository. Paths are POSIX and relative to the repository root; `.` is the root. */
export interface Service {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  /** Undefined: the last stage. */
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, BuildArg>>;
  /** Where images go. The first holds fingerprints and caches; the others receive copies. Never empty. */
  readonly images: readonly [ImageName, ...ImageName[]];
  /** Where builds of pull requests go; nothing that is released is looked for there. Undefined: they are pushed nowhere. */
  readonly preview?: ImageName;
  /** Services that must be done first: named by the user, or used as a named context or base. Sorted. */
  readonly needs: readonly string[];
  /** Sorted; never empty. */
  readonly platforms: readonly [Platform, ...Platform[]];
  readonly contexts: Readonly<Record<string, NamedContext>>;
  readonly secrets: readonly BuildSecret[];
  /** As `docker buildx build --ssh` takes them: `default`, `id=path`. */
  readonly ssh: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly settings: BuildSettings;
  /** Patterns of files that git does not track but a step before the build makes; read from the working tree. */
  readonly generated: readonly string[];
  /** `follow`: a base that moved rebuilds. `hold`: it does not, until something else does. */
  readonly bases: "follow" | "hold";
  /** Rebuild what is older than this many seconds; undefined: never for age alone. */
  readonly refreshSeconds: number | undefined;
  readonly cache: CacheSetting;
  /** Of the first image name, and of every other one that `imageTags` does not hold. */
  readonly tags: TagTemplates;
  /** Templates of the image names that have tags of their own (`hub/app:latest` beside `ghcr/app:1.2.3`); absent: none has. */
  readonly imageTags?: Readonly<Record<string, TagTemplates>>;
  /** The release group it is versioned in; `default` unless configured. */
  readonly group: string;
}

/** Services that are versioned together. */
export interface ReleaseGroup {
  readonly name: string;
  readonly services: readonly string[];
  /** The git tag of a version: `v{version}`, `api-v{version}`. */
  readonly tag: string;
}

/** A Dockerfile that nobody ships, and why. */
export interface LeftOut {
  readonly path: string;
  readonly because: string;
}

/** What discovery found: everything a command needs to know about the repository. */
export interface Project {
  readonly services: readonly Service[];
  readonly leftOut: readonly LeftOut[];
  readonly groups: readonly [ReleaseGroup, ...ReleaseGroup[]];
  /** The OCI repository that holds the release manifests and records. */
  readonly releases: ImageName;
  /** Where a release's version comes from when the command does not say; undefined: the branch is released. */
  readonly version: VersionSource | undefined;
  /** What the services were read from: `slipway.yaml`, `docker-bake.hcl`, `compose.yaml`, `skaffold.yaml`, `Dockerfiles`. */
  readonly source: string;
  /** Registries and git hosts that slipway.yaml allows an untrusted run to ask. */
  readonly hosts: readonly string[];
  /** Things to tell the person that are no faults. */
  readonly warnings: readonly string[];
}
