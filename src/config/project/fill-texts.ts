import { closestName } from "../../model/closest.ts";
import { isUnknownAnnotation, predefinedAnnotations } from "../../model/oci-annotations.ts";

/** Values for the placeholders of labels and annotations. None of them changes from commit to commit. */
export interface TextFacts {
  readonly service: string;
  readonly group: string;
  /** Web address of the repository; undefined: it has none. */
  readonly source: string | undefined;
}

/**
 * Fills `{service}`, `{group}` and `{source}` in the values of a service's labels or annotations. All other braces stay, since a value may be
 * JSON. Warns of placeholders that would change with each commit, and of keys that the image-spec does not know.
 */
export function fillTexts(
  setting: "labels" | "annotations",
  texts: Readonly<Record<string, string>>,
  facts: TextFacts,
  warnings: string[],
): Record<string, string> {
  const { service, group, source = "" } = facts;
  return Object.fromEntries(
    Object.entries(texts).map(([key, value]) => {
      const changing = /\{(?:version|revision|commit|sha|created|date)\}/.exec(value)?.[0];
      if (changing !== undefined) {
        warnings.push(
          `${service}: ${changing} in ${setting} "${key}" is not filled, since the image would be built again at each commit; the labels org.opencontainers.image.version, revision and created say it`,
        );
      }
      if (isUnknownAnnotation(key)) {
        const near = closestName(key, predefinedAnnotations);
        const hint = near === undefined ? "" : `; did you mean "${near}"?`;
        warnings.push(`${service}: ${setting} "${key}" is no key of the OCI image-spec${hint}`);
      }
      const filled = value.replaceAll("{service}", service).replaceAll("{group}", group).replaceAll("{source}", source);
      return [key, filled];
    }),
  );
}
