/** Addresses of the services that one signature needs. */
export interface SigningServices {
  /** Certificate authority with Fulcio's API. */
  readonly authority: string;
  /** Transparency log with Rekor's first API; undefined: signatures are timestamped only. */
  readonly log: string | undefined;
  /** Timestamp authority; undefined: the log's time counts. */
  readonly timestamps: string | undefined;
}

/** A service as a signing configuration lists it. */
interface ListedService {
  readonly url: string;
  readonly majorApiVersion: number;
  readonly validFor?: { readonly start?: Date | undefined; readonly end?: Date | undefined } | undefined;
}

/** The parts of a signing configuration that decide. Source: sigstore/protobuf-specs, sigstore_trustroot.proto, SigningConfig. */
export interface ListedServices {
  readonly caUrls: readonly ListedService[];
  readonly rekorTlogUrls: readonly ListedService[];
  readonly tsaUrls: readonly ListedService[];
}

/**
 * Chooses the services to sign with: of each kind, the one that began last among those that are in use and speak the first version of their
 * API. Undefined: there is no certificate authority, or nothing that says when a signature was made.
 */
export function chooseServices(listed: ListedServices, now: Date): SigningServices | undefined {
  const newest = (services: readonly ListedService[]): string | undefined =>
    services
      .filter(({ majorApiVersion, validFor }) => majorApiVersion === 1 && isDuring(now, validFor))
      .toSorted((left, right) => startOf(right) - startOf(left))[0]?.url;
  const authority = newest(listed.caUrls);
  const log = newest(listed.rekorTlogUrls);
  const timestamps = newest(listed.tsaUrls);
  if (authority === undefined || (log === undefined && timestamps === undefined)) return undefined;
  return { authority, log, timestamps };
}

function isDuring(now: Date, validFor: ListedService["validFor"]): boolean {
  const { start, end } = validFor ?? {};
  return (start === undefined || start <= now) && (end === undefined || now <= end);
}

function startOf({ validFor }: ListedService): number {
  return validFor?.start?.getTime() ?? 0;
}
