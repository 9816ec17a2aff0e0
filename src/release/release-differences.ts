import { isDeepStrictEqual } from "node:util";
import { eachImage } from "../model/image-tags.ts";
import type { ReleaseManifest } from "../model/release.ts";

/** What two releases ship differently, service by service; nothing when they ship the same images under the same names. */
export function differencesBetween(before: ReleaseManifest, after: ReleaseManifest): string[] {
  const had = new Map(before.services.map((service) => [service.service, service]));
  const has = new Map(after.services.map((service) => [service.service, service]));
  return [...new Set([...had.keys(), ...has.keys()])].sort().flatMap((service) => {
    const old = had.get(service);
    const now = has.get(service);
    if (old === undefined) return [`${service}: it was not part of it`];
    if (now === undefined) return [`${service}: it was part of it, with ${old.digest}`];
    if (old.digest !== now.digest) return [`${service}: it has ${old.digest}, now it would be ${now.digest}`];
    const names = [old.images.join(", "), now.images.join(", ")];
    return names[0] === names[1] ? [] : [`${service}: it went to ${names[0]}, now it would go to ${names[1]}`];
  });
}

/**
 * Whether two runs made one release: they ship the same, or built the same inputs of one commit. Two such builds may have
 * different digests, since an image's labels hold its time.
 */
export function isSameRelease(left: ReleaseManifest, right: ReleaseManifest): boolean {
  if (differencesBetween(left, right).length === 0) return true;
  return left.commit === right.commit && isDeepStrictEqual(madeFrom(left), madeFrom(right));
}

/** By service: its names, and the fingerprint on each platform. */
function madeFrom({ services }: ReleaseManifest): unknown {
  return services.map(({ service, images, platforms }) => ({
    service,
    images,
    platforms: platforms.map(({ platform, fingerprint }) => ({ platform, fingerprint })),
  }));
}

/** Every version tag that a release gives, as `IMAGE:TAG`, and the digest it gives it. */
export function versionPlaces({
  services,
}: ReleaseManifest): Map<string, ReleaseManifest["services"][number]["digest"]> {
  return new Map(
    services.flatMap((service) =>
      eachImage(service).flatMap(({ image, tags }) =>
        tags.version.map((tag) => [`${image}:${tag}`, service.digest] as const),
      ),
    ),
  );
}
