/** Facts for an image's labels that are known when its build starts. */
export interface LabelFacts {
  readonly service: string;
  /** Version of the release; undefined: the image is built before its release has one. */
  readonly version: string | undefined;
  /** Commit of the source. */
  readonly revision: string;
  /** URL of the source; undefined: the repository has no remote. */
  readonly source: string | undefined;
  /** Creation time, ISO 8601. */
  readonly createdAt: string;
  /** Base image of the final stage. */
  readonly base?: { readonly name: string; readonly digest: string } | undefined;
}

const prefix = "org.opencontainers.image.";
const serviceLabel = "dev.slipway.service";

/**
 * The labels that Slipway adds to an image. They describe the build and are not inputs; a user's label with the same key takes precedence.
 * Source: OCI image-spec, annotations.md, "Pre-Defined Annotation Keys".
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
