import type { DeployedRelease } from "../model/deployed.ts";
import type { Digest } from "../model/digest.ts";
import { byCodeUnit } from "../model/order.ts";
import type { ReleasedService } from "../model/release.ts";
import type { DeployedImages } from "./read-deployed.ts";

/** A release to compare with. */
export interface ComparedRelease {
  /** The release, as commands take it. */
  readonly release: string;
  readonly services: readonly Pick<ReleasedService, "service" | "digest" | "platforms">[];
}

/**
 * Decides which release runs. A digest is a service's if it is that of its index or of one of its platforms; what several releases ship (reuse)
 * belongs to each. `releases`: the newest first.
 */
export function matchDeployed(
  { images, unpinned }: DeployedImages,
  releases: readonly ComparedRelease[],
): DeployedRelease {
  const owners = ownersOf(releases);
  const known = new Map<string, DeployedRelease["services"][number]>();
  const unknown = new Set<string>();
  for (const { name, digest } of images) {
    const found = owners.get(digest);
    if (found === undefined) unknown.add(name === null ? digest : `${name}@${digest}`);
    for (const [service, names] of found ?? [])
      known.set(`${service} ${digest}`, { service, digest, releases: [...names] });
  }
  const services = [...known.values()].sort((left, right) => byCodeUnit(left.service, right.service));
  const all = releases.filter(({ release }) => coversAll(images, owners, release)).map(({ release }) => release);
  const [newest] = releases.filter(({ release }) => release === all[0]);
  const running = new Set(services.map(({ service }) => service));
  const missing = (newest?.services ?? []).map(({ service }) => service).filter((service) => !running.has(service));
  return {
    state: stateOf({ digests: images.length, known: known.size, whole: all.length > 0, missing: missing.length }),
    releases: all,
    services,
    missing: missing.sort(byCodeUnit),
    unknown: [...unknown].sort(byCodeUnit),
    unpinned,
    compared: releases.length,
  };
}

type Owners = ReadonlyMap<Digest, ReadonlyMap<string, ReadonlySet<string>>>;

/** Services and their releases by digest. */
function ownersOf(releases: readonly ComparedRelease[]): Owners {
  const owners = new Map<Digest, Map<string, Set<string>>>();
  for (const { release, services } of releases) {
    for (const { service, digest, platforms } of services) {
      for (const each of new Set([digest, ...platforms.map((platform) => platform.digest)])) {
        const own = owners.get(each) ?? new Map<string, Set<string>>();
        owners.set(each, own);
        own.set(service, (own.get(service) ?? new Set()).add(release));
      }
    }
  }
  return owners;
}

/** Whether a release has every known image, and there is one. */
function coversAll(images: DeployedImages["images"], owners: Owners, release: string): boolean {
  const known = images.flatMap(({ digest }) => owners.get(digest) ?? []);
  return known.length > 0 && known.every((own) => [...own.values()].some((names) => names.has(release)));
}

function stateOf(found: {
  readonly digests: number;
  readonly known: number;
  readonly whole: boolean;
  readonly missing: number;
}): DeployedRelease["state"] {
  if (found.digests === 0) return "nothing";
  if (found.known === 0) return "unknown";
  if (!found.whole) return "mixed";
  return found.missing === 0 ? "exactly" : "partly";
}
