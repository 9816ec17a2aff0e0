import type { ConfigFile } from "../written/read-config.ts";
import { readSecret } from "../written/written-secret.ts";
import type { WrittenSettings } from "../written/written.ts";

/** Rights of definitions beyond the repository, from `allow` of slipway.yaml. */
export interface Rights {
  /** Files and folders outside of the repository that definitions may read, as written: relative to its root, absolute, or below `~/`. */
  readonly files: readonly string[];
  /** Whether the ssh agent and keys may be used. */
  readonly ssh: boolean;
  /** Whether `RUN` may use the builder's own network. */
  readonly hostNetwork: boolean;
  /** Registries and git hosts that an untrusted run may contact, in addition to those that trunk's definitions name. */
  readonly hosts: readonly string[];
  /** Whether `secrets`, `ssh` and `network` of slipway.yaml are granted as written. If not, they are refused as in a definition without `allow`. */
  readonly trusts: boolean;
  /** The only variables that definitions and args see; undefined: all. */
  readonly env: ReadonlySet<string> | undefined;
  /** The only variables that secrets may hold; undefined: all. */
  readonly secretEnv: ReadonlySet<string> | undefined;
}

const nothing = { files: [], ssh: false, hostNetwork: false, hosts: [] } as const;

/**
 * Reads the rights that a slipway.yaml grants. `isTrusted`: the whole run is trusted; otherwise only variables that the file names are
 * visible.
 */
export function readRights(written: ConfigFile | undefined, isTrusted: boolean): Rights {
  const { files = [], ssh = false, network, hosts = [] } = written?.config.allow ?? {};
  const env = isTrusted ? undefined : namedVariables(written);
  return {
    files: listOf(files),
    ssh,
    hostNetwork: network === "host",
    hosts: listOf(hosts),
    trusts: true,
    env,
    secretEnv: env === undefined ? undefined : new Set([...env, ...secretVariables(written)]),
  };
}

/** The rights of a run for which no slipway.yaml counts. */
export const noRights: Rights = { ...nothing, trusts: false, env: new Set(), secretEnv: new Set() };

/** Variables of `allow.env`, and those that an arg of the file takes its value from. */
function namedVariables(written: ConfigFile | undefined): Set<string> {
  const args = settingsOf(written).flatMap((settings) => Object.entries(settings.args ?? {}));
  const ofArgs = args.flatMap(([name, arg]) => {
    if (arg === null) return [name];
    return typeof arg === "object" && arg.env !== undefined ? [arg.env] : [];
  });
  return new Set([...listOf(written?.config.allow?.env ?? []), ...ofArgs]);
}

function secretVariables(written: ConfigFile | undefined): string[] {
  return settingsOf(written).flatMap(({ secrets = [] }) =>
    secrets.flatMap((each) => {
      const from = readSecret(each)?.from;
      return from?.kind === "env" ? [from.name] : [];
    }),
  );
}

function settingsOf(written: ConfigFile | undefined): WrittenSettings[] {
  if (written === undefined) return [];
  return [written.config, ...Object.values(written.config.services ?? {}).filter((service) => service !== null)];
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
