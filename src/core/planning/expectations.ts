import type { BaseConfig } from "../../dockerfile/syntax/dockerfile.ts";
import { isInterruption } from "../../errors.ts";
import type { Digest } from "../../model/digest.ts";
import type { Fingerprint } from "../../model/inputs.ts";
import type { Platform } from "../../model/platform.ts";
import type { ImageName } from "../../model/reference.ts";
import type { ReleaseHistory } from "./release-history.ts";

/** An image that is looked for under its fingerprint. */
interface WantedImage {
  readonly service: string;
  readonly name: ImageName;
  readonly platform: Platform;
  readonly fingerprint: Fingerprint;
}

/**
 * What a release expects to find because its records say so, which saves round trips where nothing changed. Expected manifests are
 * only looked up early: what the registry holds under the fingerprint counts. A base's configuration follows from its digest.
 */
export interface Expectations {
  /** The image manifest and its attestation manifests; none if the last release had another fingerprint or names no attestations. */
  manifests(wanted: WantedImage): Promise<readonly Digest[]>;
  /** The configuration of an image manifest; undefined: no record holds it. */
  readonly baseConfig: (digest: Digest) => Promise<BaseConfig | undefined>;
}

/** Makes the expectations of a command that reads the last release in any case. A record that cannot be read lets it expect nothing. */
export function makeExpectations(history: ReleaseHistory): Expectations {
  return {
    manifests: async ({ service, name, platform, fingerprint }) => {
      const last = await history.service(service).catch(expectNothing);
      const shipped = last?.released.platforms.find((each) => each.platform === platform);
      if (last?.released.images.includes(name) !== true || shipped?.fingerprint !== fingerprint) return [];
      return shipped.attestations === undefined ? [] : [shipped.digest, ...shipped.attestations];
    },
    baseConfig: async (digest) => {
      const manifests = await history.manifests().catch(expectNothing);
      const base = manifests?.flatMap(({ bases = [] }) => bases).find((each) => each.digest === digest);
      return base === undefined ? undefined : { env: base.env, onBuild: base.onBuild };
    },
  };
}

/** The commit reads the last release, too, and reports its faults. */
function expectNothing(error: unknown): undefined {
  if (isInterruption(error)) throw error;
}
