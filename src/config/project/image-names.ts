import { eachImage, makeImageTags } from "../../model/image-tags.ts";
import { type ImageName, parseImageName } from "../../model/reference.ts";
import type { Service, TagTemplates } from "../../model/service.ts";
import { addFault, type Faults } from "../written/place.ts";
import type { FoundService, Layer } from "./layer.ts";

/** A service before it is made: its settings and its image names. */
export interface UnmadeService {
  readonly name: string;
  readonly found: FoundService;
  readonly layer: Layer;
  readonly images: readonly ImageName[];
}

/** Default image name of a repository. */
export interface ImageDefaults {
  /** Template with `{service}`; undefined: unknown. */
  readonly defaultImage: string | undefined;
  readonly repositoryName: string;
  readonly remote: string | undefined;
  /** Whether the repository has one service. */
  readonly isOnly: boolean;
}

/** Resolves the image names of a service from its templates or the default. */
export function resolveImages(
  { name: service, found, layer }: Omit<UnmadeService, "images">,
  around: ImageDefaults,
  faults: Faults,
): ImageName[] {
  const { defaultImage, isOnly, repositoryName } = around;
  // The only image of a repository is `owner/repo`, and so is the one with the repository's name.
  const isRepositorys = isOnly || service === repositoryName;
  const own = isRepositorys ? defaultImage?.replace("/{service}", "") : defaultImage;
  const fallback = own === undefined ? [] : [{ value: own, at: found.at }];
  const templates = layer.images ?? fallback;
  if (templates.length === 0) {
    const where = around.remote === undefined ? "git has no remote called origin" : `${around.remote} is not on GitHub`;
    const advice = 'write into slipway.yaml, for example: images: "registry.example.com/team/{service}"';
    addFault(faults, found.at, `the image name of "${service}" is unknown, since ${where}; ${advice}`);
  }
  const names = templates.map(({ value, at }) => {
    const name = parseImageName(value.replaceAll("{service}", service));
    if (name === undefined) addFault(faults, at, `${JSON.stringify(value)} is no image name`);
    return name;
  });
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Maps image names and aliases to the one service that they belong to. */
export function servicesByImage(drafts: readonly UnmadeService[]): Map<ImageName, string> {
  const owners = new Map<ImageName, string | undefined>();
  for (const { name, found, images } of drafts) {
    const aliases = found.aliases.map(parseImageName).filter((alias) => alias !== undefined);
    for (const image of new Set([...images, ...aliases])) owners.set(image, owners.has(image) ? undefined : name);
  }
  const known = [...owners].filter((entry): entry is [ImageName, string] => entry[1] !== undefined);
  return new Map(known);
}

/** Image names that several services share. There, tags contain the service (`demo:1.2.3-cart`). */
export function sharedImages(drafts: readonly UnmadeService[]): Set<ImageName> {
  const all = drafts.flatMap(({ images }) => images);
  return new Set(all.filter((image, index) => all.indexOf(image) !== index));
}

/** Relations between image names and services. */
export interface ImageOwners {
  readonly owners: ReadonlyMap<ImageName, string>;
  readonly shared: ReadonlySet<ImageName>;
}

const defaultTags: TagTemplates = {
  version: ["{version}", "{major}.{minor}", "{major}", "latest"],
  branch: ["{branch}", "sha-{sha}"],
};

/** Resolves templates of tags. Those of slipway.yaml apply to every image name; a definition may have some for each name. */
export function resolveTags(
  { layer, images }: UnmadeService,
  shared: ReadonlySet<ImageName>,
): Pick<Service, "tags" | "imageTags"> {
  const byName = new Map(
    Object.entries(layer.imageTags ?? {}).map(([name, tags]) => [parseImageName(name), tags] as const),
  );
  const tagsOf = (image: ImageName | undefined): TagTemplates => {
    const given = (image === undefined ? undefined : byName.get(image)) ?? layer.tags ?? {};
    const isShared = image !== undefined && shared.has(image);
    const branch = isShared && given.version !== undefined ? branchTagsLike(given.version) : defaultTags.branch;
    return { ...defaultTags, branch, ...given };
  };
  return { tags: tagsOf(images[0]), ...makeImageTags(images, tagsOf) };
}

/** Branch tags for an image that several services share: `{branch}-cart` if a version is `{version}-cart`. */
function branchTagsLike(version: TagTemplates["version"]): TagTemplates["branch"] {
  const own = version.find((template) => template.includes("{version}")) ?? "{version}";
  return defaultTags.branch.map((template) => own.replace(/v?\{version\}/, template));
}

/** Refuses services that would move the same tag of the same image. */
export function refuseSharedTags(services: readonly Service[], drafts: readonly UnmadeService[], faults: Faults): void {
  const owners = new Map<string, string>();
  const places = new Map(drafts.map(({ name, found }) => [name, found.at]));
  for (const service of services) {
    const { name } = service;
    if (drafts.find((draft) => draft.name === name)?.images.length === 0) continue;
    for (const key of tagsGiven(service)) {
      const other = owners.get(key);
      const at = places.get(name);
      if (other === undefined) owners.set(key, name);
      else if (at !== undefined) {
        addFault(
          faults,
          at,
          `"${name}" and "${other}" would both be ${key}; put {service} into the image name or the tag`,
        );
        break;
      }
    }
  }
}

/** `image:template` of every tag that a service may get. */
function tagsGiven(service: Service): Set<string> {
  const given = eachImage(service).flatMap(({ image, tags }) =>
    [...tags.version, ...tags.branch].map((tag) => `${image}:${tag.replaceAll("{service}", service.name)}`),
  );
  return new Set(given);
}
