import { type ImageName, parseImageName, registryOf, repositoryOf } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { addFault, type Faults } from "../written/place.ts";
import type { ConfigFile } from "../written/read-config.ts";

/** Registries where the first part of a name is the owner. */
const registriesByOwner = new Set(["ghcr.io", "docker.io", "quay.io"]);

/** Facts that decide the image name of the records, beside the images. */
export interface ReleasesSource {
  readonly written: ConfigFile | undefined;
  readonly repositoryName: string;
  /** `ghcr.io/acme/shop/{service}`; undefined: the repository is not on GitHub. */
  readonly defaultImage: string | undefined;
  /** Whether no image name is written, so that all come from `defaultImage`. */
  readonly areDefaults: boolean;
}

/**
 * Chooses the image name of the records: the configured one; or the common part of the first image names and `/releases`; or, without a
 * common part, a name beside the default images of a repository on GitHub.
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
      'the image name of the release manifests is unknown, since the images have no name in common; write, for example: releases: "ghcr.io/owner/repo/releases"',
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

/** Adds the repository's name where only the owner is common, to keep it apart from the owner's other repositories. */
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
