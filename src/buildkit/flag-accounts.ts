import type { NotCounted } from "../model/not-counted.ts";

/**
 * How a flag of `docker buildx build` is accounted for. `counted`: the fingerprint covers all of its values. `by value`: some values are
 * counted, and every other one is on the list of uncounted inputs. Else: the reason why it is not counted.
 */
export type FlagAccount = "counted" | "by value" | NotCounted;

/**
 * Every flag that a build request may use. A flag missing here could change the image without changing the fingerprint; it does not
 * compile.
 */
export const flagAccounts = {
  "--add-host": "counted",
  // Follows from the network, which is counted.
  "--allow": "counted",
  "--annotation": "counted",
  "--build-arg": "by value",
  "--build-context": "by value",
  "--builder": "builder",
  "--cache-from": "cache",
  "--cache-to": "cache",
  "--file": "by value",
  "--label": "by value",
  "--metadata-file": "progress",
  "--network": "counted",
  "--no-cache": "cache",
  "--output": "output",
  "--platform": "counted",
  "--progress": "progress",
  "--provenance": "attestation",
  "--sbom": "attestation",
  // The name is counted, the value is not.
  "--secret": "by value",
  "--shm-size": "counted",
  // The name is counted, the value is not.
  "--ssh": "by value",
  "--target": "counted",
  "--ulimit": "counted",
} as const satisfies Readonly<Record<`--${string}`, FlagAccount>>;

export type Flag = keyof typeof flagAccounts;

/** Arguments of a flag, once for each value, with the value as a separate argument. */
export function flagged(flag: Flag, ...values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}

/** A flag and its value as one argument. */
export function joined(flag: Flag, value: string): string {
  return `${flag}=${value}`;
}
