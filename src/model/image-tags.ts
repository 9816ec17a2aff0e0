import type { ImageName } from "./reference.ts";

/** A service with tags, or templates of them: those of its first image name, and of names that have their own. */
export interface TaggedImages<T> {
  readonly images: readonly ImageName[];
  readonly tags: T;
  readonly imageTags?: Readonly<Record<string, T>>;
}

/** The tags (or templates) of one image name; a name that the service does not know gets what its first one has. */
export function tagsOfImage<T>({ tags, imageTags }: Omit<TaggedImages<T>, "images">, image: ImageName): T {
  return new Map(Object.entries(imageTags ?? {})).get(image) ?? tags;
}

/** Image names with their tags, in the order of the names. */
export function eachImage<T>(service: TaggedImages<T>): { readonly image: ImageName; readonly tags: T }[] {
  return service.images.map((image) => ({ image, tags: tagsOfImage(service, image) }));
}

/** Makes `imageTags` of a service; names with the same tags as the first are left out. */
export function makeImageTags<T>(
  images: readonly ImageName[],
  make: (image: ImageName) => T,
): Pick<TaggedImages<T>, "imageTags"> {
  const [first, ...rest] = images.map((image) => [image, make(image)] as const);
  const others = rest.filter(([, tags]) => JSON.stringify(tags) !== JSON.stringify(first?.[1]));
  return others.length === 0 ? {} : { imageTags: Object.fromEntries(others) };
}
