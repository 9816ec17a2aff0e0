import { eachImage } from "../model/image-tags.ts";
import type { ReleaseManifest } from "../model/release.ts";

/** Lists the differences between two releases, service by service; empty when they ship the same images under the same names. */
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

/** Every version tag of a release, as `IMAGE:TAG`, and its digest. */
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
