import type { ReleaseDocument } from "../../model/documents.ts";

/** Outputs of a release for later jobs. `digests` and `images` are JSON objects sorted by service. */
export interface ReleaseOutputs {
  /** Version without `v`; empty for a branch. */
  readonly version: string;
  readonly digests: string;
  readonly images: string;
}

/** Makes the outputs from all services of all released groups. An image is named by the first image name of its service. */
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
