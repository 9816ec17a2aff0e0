const prefix = "org.opencontainers.image.";

/** Keys that the image-spec gives a meaning, of annotations and of labels alike. Source: OCI image-spec 1.1, annotations.md, "Pre-Defined Annotation Keys". */
export const predefinedAnnotations: readonly string[] = [
  "authors",
  "base.digest",
  "base.name",
  "created",
  "description",
  "documentation",
  "licenses",
  "ref.name",
  "revision",
  "source",
  "title",
  "url",
  "vendor",
  "version",
].map((key) => `${prefix}${key}`);

/** Whether a key looks like one of the image-spec and is none: readers would pass it over. */
export function isUnknownAnnotation(key: string): boolean {
  return key.startsWith(prefix) && !predefinedAnnotations.includes(key);
}
