import { type ImageName, parseImageName, registryOf, repositoryOf } from "../model/reference.ts";
import type { Service } from "../model/service.ts";
import { addFault, type Faults } from "./place.ts";
import type { ConfigFile } from "./read-config.ts";

/** Registries where the first part of a name is the owner's, for all of their repositories. */
const registriesByOwner = new Set(["ghcr.io", "docker.io", "quay.io"]);

/** What decides where release manifests go, beside the images. */
export interface ReleasesSource {
  readonly written: ConfigFile | undefined;
  readonly repositoryName: string;
  /** `ghcr.io/acme/shop/{service}`; undefined: the repository is not on GitHub. */
  readonly defaultImage: string | undefined;
  /** Nobody wrote an image name, so that all are made from `defaultImage`. */
  readonly areDefaults: boolean;
}

/**
 * The image name of the release manifests: as configured; or what the first image names share, and `/releases`;
 * or, where they share nothing, beside the images that a repository on GitHub has by default.
 */
export function chooseReleases(
  services: readonly Service[],
  { written, repositoryName, defaultImage, areDefaults }: ReleasesSource,
  faults: Faults,
): ImageName | undefined {
  const configured = written?.config.releases;
  const fallback =
    defaultImage === undefined ? undefined : parseImageName(defaultImage.replace("{service}", "releases"));
  const shared = areDefaults ? fallback : defaultReleases(services, repositoryName);
  const name = configured === undefined ? (shared ?? fallback) : parseImageName(configured);
  const at = written === undefined ? { file: "slipway.yaml" } : written.yaml.place(["releases"]);
  const taken = services.find(({ images }) => name !== undefined && images.includes(name));
  if (name === undefined) {
    addFault(
      faults,
      at,
      'where release manifests go is not known, since the images have no name in common; write, for example: releases: "ghcr.io/owner/repo/releases"',
    );
  } else if (taken !== undefined) {
    addFault(
      faults,
      at,
      `"${name}" holds the release manifests and is the image of "${taken.name}"; write another "releases"`,
    );
  }
  return name;
}

/** On a registry where only the owner is shared, the repository's name keeps it apart from the owner's other repositories. */
function defaultReleases(services: readonly Service[], repositoryName: string): ImageName | undefined {
  const firsts = services.map(({ images }) => images[0]);
  const [first] = firsts;
  if (first === undefined || firsts.some((name) => registryOf(name) !== registryOf(first))) return undefined;
  const folders = firsts.map((name) => repositoryOf(name).split("/").slice(0, -1));
  const shared = folders.reduce((common, folder) => {
    const length = common.findIndex((part, index) => part !== folder[index]);
    return length < 0 ? common : common.slice(0, length);
  });
  if (shared.length === 0) return undefined;
  const isOwnerOnly = shared.length === 1 && registriesByOwner.has(registryOf(first));
  return parseImageName(
    [registryOf(first), ...shared, isOwnerOnly ? `${repositoryName}-releases` : "releases"].join("/"),
  );
}
