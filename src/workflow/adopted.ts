import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";

/** A build arg of slipway.yaml: a value, or an environment variable. `stamp`: baked in, but never a reason to build. */
export type AdoptedArg = { readonly value: string } | { readonly env: string; readonly stamp: boolean };

/** A job or a step of a hand-made workflow, kept word for word; without indentation. */
export interface KeptText {
  readonly id: string;
  readonly text: string;
}

/** A registry that the workflow logs in to; user and password as expressions. */
export interface AdoptedLogin {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/** One image that a hand-made workflow builds and pushes. */
export interface AdoptedService {
  /** As the workflow names it; the service's name may be another. */
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly images: readonly string[];
  /** Undefined: the workflow sets none, so the defaults apply. */
  readonly tags: { readonly version: readonly string[]; readonly branch: readonly string[] } | undefined;
  readonly args: Readonly<Record<string, AdoptedArg>>;
  readonly platforms: readonly string[];
  readonly secrets: readonly { readonly id: string; readonly env: string }[];
  readonly contexts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: YamlMap;
}

/** A part of the workflow that cannot be carried over, and its place. */
export interface NotCarried {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** A hand-made build workflow, as far as it is kept. */
export interface Adopted {
  /** The replaced workflows: `.github/workflows/docker.yml`. */
  readonly files: readonly string[];
  readonly name: string | undefined;
  readonly on: YamlMap;
  readonly env: YamlMap;
  readonly defaults: YamlMap | undefined;
  /** Jobs that build no image. */
  readonly jobs: readonly KeptText[];
  /** Of these, the ones that building waited for. */
  readonly gates: readonly string[];
  /** The git tag of a version: `v{version}`. */
  readonly gitTag: string;
  /** The condition of building. */
  readonly condition: string | undefined;
  readonly environment: YamlValue | undefined;
  readonly timeoutMinutes: number | undefined;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Permissions beyond reading contents and writing packages. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Steps that log in to clouds and registries by other means than a name and a password. */
  readonly logins: readonly KeptText[];
  /** Steps that make files before the build. */
  readonly before: readonly KeptText[];
  readonly registries: readonly AdoptedLogin[];
  /** Environment of Slipway's own steps: build args and secrets. */
  readonly variables: Readonly<Record<string, string>>;
  readonly services: readonly AdoptedService[];
  readonly notCarried: readonly NotCarried[];
  /** Parts that Slipway does itself: reported, and no reason to stop. */
  readonly replaced: readonly string[];
}
