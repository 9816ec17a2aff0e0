/** What is known of a build when it starts, for its image's labels. */
export interface LabelFacts {
  readonly service: string;
  /** Undefined: the image is built before its release has a version. */
  readonly version: string | undefined;
  /** The commit. */
  readonly revision: string;
  /** Where the source is, a URL; undefined when the repository has no remote. */
  readonly source: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The base image of the final stage. */
  readonly base?: { readonly name: string; readonly digest: string } | undefined;
}

const prefix = "org.opencontainers.image.";
const serviceLabel = "dev.slipway.service";

/**
 * The labels that Slipway gives an image. They describe the build that made it and are no inputs; a label of the same key
 * that the user set goes before. Source: OCI image-spec, annotations.md, "Pre-Defined Annotation Keys".
 */
export function imageLabels(facts: LabelFacts): Record<string, string> {
  const { service, version, revision, source, createdAt, base } = facts;
  return {
    [serviceLabel]: service,
    ...(base === undefined ? {} : { [`${prefix}base.digest`]: base.digest, [`${prefix}base.name`]: base.name }),
    [`${prefix}created`]: createdAt,
    [`${prefix}revision`]: revision,
    ...(source === undefined ? {} : { [`${prefix}source`]: source }),
    [`${prefix}title`]: service,
    ...(version === undefined ? {} : { [`${prefix}version`]: version }),
  };
}
