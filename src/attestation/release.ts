import type { ReleaseManifest } from "../model/release.ts";
import type { Statement } from "../model/statement.ts";
import { makeStatement } from "./make-statement.ts";
import type { NamedDigest } from "./named-digest.ts";

export const releaseType = "https://in-toto.io/attestation/release/v0.2";

/** Facts of a release of a version. */
export interface ReleaseFacts {
  /** The record, by its image name and digest. */
  readonly record: NamedDigest;
  readonly manifest: ReleaseManifest;
  /** Version as the record is named: with its group where that is not the default one. */
  readonly version: string;
  /** `OWNER/REPO` on GitHub; undefined: the repository is elsewhere. */
  readonly repository: string | undefined;
}

/** The statement of a release: the record, each service's index and each platform's image are its subjects. */
export function releaseStatement({ record, manifest, version, repository }: ReleaseFacts): Statement {
  const purl =
    repository === undefined
      ? `pkg:generic/${encodeURIComponent(record.name)}@${encodeURIComponent(version)}`
      : `pkg:github/${repository.toLowerCase()}@${encodeURIComponent(version)}`;
  const images = manifest.services.flatMap(({ images: [name], digest, platforms }) => [
    { name, digest },
    ...platforms.map((each): NamedDigest => ({ name, digest: each.digest })),
  ]);
  return makeStatement([record, ...images], releaseType, {
    purl,
    record: record.name,
    packageId: repository ?? record.name,
    releaseId: version,
  });
}
