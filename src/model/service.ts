import type { ImageName } from "./reference.ts";
import type { Platform } from "./platform.ts";
import type { SigningSettings } from "./signing.ts";
import type { VersionSource } from "./version-source.ts";

/**
 * A build arg's value. `stamp`: the image gets it, but it is never a reason to build. `confidential`: it comes from a variable that looks
 * like a credential, so no looked-up name may contain it.
 */
export interface BuildArg {
  readonly value: string;
  readonly stamp: boolean;
  readonly confidential?: true;
}

/** The source behind a named context (`FROM name`, `COPY --from=name`). Paths are relative to the repository root. */
export type NamedContext =
  | { readonly kind: "service"; readonly service: string }
  | { readonly kind: "image"; readonly reference: string }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "git"; readonly url: string };

/** A secret that BuildKit gets. It never appears in a fingerprint, a log or a record. */
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

/** The cache tiers to use. `auto`: Slipway chooses. An empty list: none. */
export type CacheSetting = "auto" | readonly CacheTierName[];

/**
 * SBOMs of a service's images. `auto`: one for each image that is built, where the scanner can be had. `required`: an image without one is
 * neither reused nor released.
 */
export type SbomSetting = "auto" | "off" | "required";

/** Templates of an image's tags; `records/tags.ts` lists the placeholders. */
export interface TagTemplates {
  /** For a release with a version: `{version}`, `{major}.{minor}`, `{major}`, `latest`. */
  readonly version: readonly string[];
  /** For a release of a branch: `{branch}`, `sha-{sha}`. */
  readonly branch: readonly string[];
}

/** A unit of the repository that makes one image. Paths are POSIX and relative to the repository root; `.` is the root. */
export interface Service {
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  /** Undefined: the last stage. */
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, BuildArg>>;
  /** The image names to push to. The first holds fingerprints and caches; the others receive copies. Never empty. */
  readonly images: readonly [ImageName, ...ImageName[]];
  /** The image name for builds of pull requests; releases never look there. Undefined: pull requests push nothing. */
  readonly preview?: ImageName;
  /** Services to finish first: listed by the user, or used as a base or named context. Sorted. */
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
  /** Patterns of files that a step before the build makes and git does not track. They are read from the working tree. */
  readonly generated: readonly string[];
  /** `follow`: rebuild when a base moves. `hold`: keep the base until another input changes. */
  readonly bases: "follow" | "hold";
  /** Rebuild an image older than this; undefined: age is never a reason. */
  readonly refreshSeconds: number | undefined;
  readonly cache: CacheSetting;
  readonly sbom: SbomSetting;
  /** Of the first image name, and of every other one that `imageTags` does not hold. */
  readonly tags: TagTemplates;
  /** Templates of the image names that have tags of their own (`hub/app:latest` beside `ghcr/app:1.2.3`); absent: none has. */
  readonly imageTags?: Readonly<Record<string, TagTemplates>>;
  /** The release group that versions it; `default` unless configured. */
  readonly group: string;
}

/** Services that are versioned together. */
export interface ReleaseGroup {
  readonly name: string;
  readonly services: readonly string[];
  /** The git tag of a version: `v{version}`, `api-v{version}`. */
  readonly tag: string;
}

/** A Dockerfile or an image of a definition that is not released, and why. */
export interface LeftOut {
  readonly path: string;
  readonly because: string;
}

/** The result of discovery: all that a command knows of the repository's definitions. */
export interface Project {
  readonly services: readonly Service[];
  readonly leftOut: readonly LeftOut[];
  readonly groups: readonly [ReleaseGroup, ...ReleaseGroup[]];
  /** The OCI repository that holds the release manifests and records. */
  readonly releases: ImageName;
  /** The source of a version that the command line does not name; undefined: the branch is released. */
  readonly version: VersionSource | undefined;
  readonly signing: SigningSettings;
  /** The definition that the services come from: `slipway.yaml`, `docker-bake.hcl`, `compose.yaml`, `skaffold.yaml`, `Dockerfiles`. */
  readonly source: string;
  /** Registries and git hosts that slipway.yaml allows an untrusted run to ask. */
  readonly hosts: readonly string[];
  /** Messages for the user that do not stop the command. */
  readonly warnings: readonly string[];
}
