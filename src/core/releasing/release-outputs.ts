import type { ReleaseDocument } from "../../model/documents.ts";

/** What later jobs read of a release: maps are JSON, sorted by service. */
export interface ReleaseOutputs {
  /** Empty for a branch. */
  readonly version: string;
  readonly digests: string;
  readonly images: string;
}

/** Of all services of all groups that were released. A service's image is named by its first name. */
export function makeReleaseOutputs(releases: ReleaseDocument["releases"]): ReleaseOutputs {
  const services = releases
    .flatMap(({ manifest }) => manifest.services)
    .toSorted((left, right) => (left.service < right.service ? -1 : 1));
  const versions = releases.flatMap(({ manifest: { subject } }) =>
    subject.kind === "version" ? [subject.version] : [],
  );
  return {
    version: versions[0] ?? "",
    digests: JSON.stringify(Object.fromEntries(services.map(({ service, digest }) => [service, digest]))),
    images: JSON.stringify(
      Object.fromEntries(services.map(({ service, digest, images }) => [service, `${images[0]}@${digest}`])),
    ),
  };
}
