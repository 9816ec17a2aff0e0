import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";
import type { ReleaseRule } from "./adopt/release-rule.ts";

/**
 * Build arg in slipway.yaml: a value, or the name of an environment variable. `stamp`: its value is built into the image, but is never a reason to
 * build.
 */
export type AdoptedArg = { readonly value: string } | { readonly env: string; readonly stamp: boolean };

/** Job or step of a hand-made workflow, kept word for word, without indentation. */
export interface KeptText {
  readonly id: string;
  readonly text: string;
}

/** Registry to which the workflow logs in; user and password are expressions. */
export interface AdoptedLogin {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/** Image that a hand-made workflow builds and pushes. */
export interface AdoptedService {
  /** Name in the workflow, from which the service's name may differ. */
  readonly name: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | undefined;
  readonly images: readonly string[];
  /** Templates of tags; undefined: the workflow sets none, so the defaults apply. */
  readonly tags: { readonly version: readonly string[]; readonly branch: readonly string[] } | undefined;
  readonly args: Readonly<Record<string, AdoptedArg>>;
  readonly platforms: readonly string[];
  readonly secrets: readonly { readonly id: string; readonly env: string }[];
  readonly contexts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: YamlMap;
}

/** Part of the workflow that cannot be carried over, with its place. */
export interface NotCarried {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Parts of a hand-made build workflow that are kept. */
export interface Adopted {
  /** Files of the replaced workflows: `.github/workflows/docker.yml`. */
  readonly files: readonly string[];
  readonly name: string | undefined;
  /** Name of a run, as an expression. */
  readonly runName: string | undefined;
  readonly on: YamlMap;
  readonly env: YamlMap;
  readonly defaults: YamlMap | undefined;
  /** Jobs that build no image. */
  readonly jobs: readonly KeptText[];
  /** Ids of those kept jobs that the building jobs needed. */
  readonly gates: readonly string[];
  /** Git tag of a version: `v{version}`. */
  readonly gitTag: string;
  /** Runs that are released. */
  readonly release: ReleaseRule;
  /** Variables and defaults of the job with the steps before the build. */
  readonly jobEnv: YamlMap;
  readonly jobDefaults: YamlMap | undefined;
  /** Limit of build jobs that run in parallel. */
  readonly atOnce: number | undefined;
  /** Condition of the building jobs. */
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
  /** Parts that Slipway replaces by its own; they are reported, and do not prevent the adoption. */
  readonly replaced: readonly string[];
}
