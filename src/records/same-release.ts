import { isDeepStrictEqual } from "node:util";
import type { Fingerprint, InputContext, Inputs } from "../model/inputs.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import type { Registry } from "../registry/registry.ts";
import { readPublishedInputs } from "../images/published-inputs.ts";
import { differencesBetween } from "./release-differences.ts";

/**
 * Whether two runs made the same release: they ship equal images, or built equal inputs of one commit. Two such builds may have different
 * digests, since labels hold the time. The fingerprint of a service that starts from another one contains that one's image, so it may
 * differ too; then the stored inputs of both images decide.
 */
export async function isSameRelease(
  registry: Registry,
  left: ReleaseManifest,
  right: ReleaseManifest,
): Promise<boolean> {
  if (differencesBetween(left, right).length === 0) return true;
  if (left.commit !== right.commit || !isDeepStrictEqual(namesOf(left), namesOf(right))) return false;
  const [ours, theirs] = await Promise.all(
    [left, right].map((each) => sourcesOf(registry, each, fingerprintsOf(left, right))),
  );
  return isDeepStrictEqual(ours, theirs);
}

/** Image names and platforms by service. */
function namesOf({ services }: ReleaseManifest): unknown {
  return services.map(({ service, images, platforms }) => [service, images, platforms.map(({ platform }) => platform)]);
}

/** The fingerprints that both releases have. */
function fingerprintsOf(left: ReleaseManifest, right: ReleaseManifest): ReadonlySet<Fingerprint> {
  const all = ({ services }: ReleaseManifest): Fingerprint[] =>
    services.flatMap(({ platforms }) => platforms.map(({ fingerprint }) => fingerprint));
  const theirs = new Set(all(right));
  return new Set(all(left).filter((each) => theirs.has(each)));
}

/** The fingerprint of each image of a release, or its inputs if the other release does not have that fingerprint. */
function sourcesOf(
  registry: Registry,
  manifest: ReleaseManifest,
  shared: ReadonlySet<Fingerprint>,
): Promise<readonly unknown[]> {
  const images = manifest.services.flatMap((service) =>
    service.platforms.map(({ fingerprint }) => ({ service, fingerprint })),
  );
  return Promise.all(
    images.map(async ({ service, fingerprint }) => {
      if (shared.has(fingerprint)) return fingerprint;
      const inputs = await readPublishedInputs(registry, service.images[0], fingerprint);
      return inputs === undefined ? fingerprint : withoutOwnImages(inputs, manifest.services);
    }),
  );
}

/** A service's inputs without the digests of the release's other services, which are compared on their own. */
function withoutOwnImages(inputs: Inputs, services: readonly ReleasedService[]): unknown {
  const { fingerprint: _fingerprint, uncounted: _uncounted, ...counted } = inputs;
  const isOwn = ({ kind, of, digest }: InputContext): boolean =>
    kind === "service" &&
    services.some(({ service, platforms }) => service === of && platforms.some((each) => each.digest === digest));
  return { ...counted, contexts: inputs.contexts.map((each) => (isOwn(each) ? { ...each, digest: "own" } : each)) };
}
