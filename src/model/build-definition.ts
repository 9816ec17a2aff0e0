import type { Digest } from "./digest.ts";
import type { InputBase, InputContext } from "./inputs.ts";
import type { Platform } from "./platform.ts";
import type { BuildSecret, BuildSettings } from "./service.ts";

/**
 * Everything that decides the image of one service on one platform. Its digest is the fingerprint, and what BuildKit is handed is made
 * from it and from `DefinitionSources`. Plain JSON; lists whose order means nothing are sorted by code unit.
 */
export interface BuildDefinition {
  readonly platform: Platform;
  /** Where the builder runs; null: nothing in the build depends on it. */
  readonly buildPlatform: Platform | null;
  /** Null: the last stage. */
  readonly target: string | null;
  /** Instructions of the reachable stages, as BuildKit puts them together. */
  readonly instructions: readonly string[];
  /** Build args that the service gives and a reachable stage declares, and those that BuildKit acts on by itself; without stamps. */
  readonly args: Readonly<Record<string, string>>;
  /** Proxies of the Docker client that a reachable stage declares, without credentials. buildx hands them over by itself. */
  readonly clientArgs: Readonly<Record<string, string>>;
  /** The reference with the digest; null: BuildKit's own. */
  readonly frontend: string | null;
  readonly bases: readonly InputBase[];
  /** The digest over the build context's files: path in the context, mode, content. */
  readonly context: Digest;
  /** Of a folder, the digest is over its files like that of the build context, and `of` is empty: where it lies decides nothing. */
  readonly contexts: readonly InputContext[];
  /** Names by which instructions mount secrets. */
  readonly secrets: readonly string[];
  /** Names by which instructions mount ssh agents. */
  readonly ssh: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Of the image manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly settings: BuildSettings;
}

/** Where the content of a definition comes from, and args that do not decide: each is in `notCounted`, with the reason. */
export interface DefinitionSources {
  /** Build args that are declared and are as good with any value. */
  readonly stamps: Readonly<Record<string, string>>;
  /** Proxies that the service gives and no reachable stage declares. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Values of `--build-context` by name: each base, image and git context, by digest or commit. */
  readonly pins: Readonly<Record<string, string>>;
  /** `name@sha256:…` of the frontend; undefined: BuildKit's own, or not looked up. */
  readonly frontend: string | undefined;
  /** By the secret's name. */
  readonly secrets: Readonly<Record<string, BuildSecret["from"]>>;
  /** Sockets or keys by the agent's name, separated by commas; empty: the agent of the environment. */
  readonly ssh: Readonly<Record<string, string>>;
}
