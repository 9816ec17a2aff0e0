import type { ConfigFile } from "./read-config.ts";

/** What `allow` of slipway.yaml gives to definitions beyond the repository itself. */
export interface Rights {
  /** Files and folders outside of the repository, as written: relative to its root, absolute, or below `~/`. */
  readonly files: readonly string[];
  /** The ssh agent, and keys. */
  readonly ssh: boolean;
  /** The builder's own network for `RUN`. */
  readonly hostNetwork: boolean;
}

const noRights: Rights = { files: [], ssh: false, hostNetwork: false };

/** What slipway.yaml allows; without one, nothing. */
export function readRights(written: ConfigFile | undefined): Rights {
  const allow = written?.config.allow;
  if (allow === undefined) return noRights;
  const { files = [], ssh = false, network } = allow;
  return { files: typeof files === "string" ? [files] : files, ssh, hostNetwork: network === "host" };
}
