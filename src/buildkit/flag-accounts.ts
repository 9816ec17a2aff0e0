import type { NotCounted } from "../model/not-counted.ts";

/**
 * How a flag of `docker buildx build` is accounted for. `counted`: the fingerprint covers all of its values. `by value`: some values
 * are counted, and each of the others is on the list. Else: why it need not be counted.
 */
export type FlagAccount = "counted" | "by value" | NotCounted;

/** Every flag that a build request may make. A flag that is not here would be a way around the fingerprint, and does not compile. */
export const flagAccounts = {
  "--add-host": "counted",
  // Comes with the network that is counted.
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
  // The name is counted.
  "--secret": "by value",
  "--shm-size": "counted",
  // The name is counted.
  "--ssh": "by value",
  "--target": "counted",
  "--ulimit": "counted",
} as const satisfies Readonly<Record<`--${string}`, FlagAccount>>;

export type Flag = keyof typeof flagAccounts;

/** A flag with its value as the next argument, as often as there are values. */
export function flagged(flag: Flag, ...values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}

/** A flag and its value as one argument. */
export function joined(flag: Flag, value: string): string {
  return `${flag}=${value}`;
}
