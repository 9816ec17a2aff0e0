import { type Digest, digestHex } from "../model/digest.ts";
import type { Platform } from "../model/platform.ts";
import type { Statement } from "../model/statement.ts";
import type { BuilderRun } from "./builder-run.ts";
import { describeBuilder, sourceDependency } from "./describe-builder.ts";
import { makeStatement } from "./make-statement.ts";
import type { NamedDigest } from "./named-digest.ts";
import { provenanceType } from "./provenance.ts";

/** Build type of an index that Slipway put together from images of single platforms. */
export const assemblyBuildType = "https://slipway.dev/buildtypes/assembly/v1";

/** Facts of an index over several platforms. */
export interface AssemblyFacts {
  readonly index: NamedDigest;
  readonly service: string;
  readonly platforms: readonly { readonly platform: Platform; readonly digest: Digest }[];
  readonly run: BuilderRun;
  /** ISO 8601. */
  readonly assembledAt: string;
}

/**
 * The statement of an index over several platforms, which is what a tag names. Its dependencies are the platforms' images: each of them has
 * the provenance of its own build.
 */
export function assemblyStatement({ index, service, platforms, run, assembledAt }: AssemblyFacts): Statement {
  const { definition, details } = describeBuilder(run, { service, builtAt: assembledAt }, assemblyBuildType);
  return makeStatement([index], provenanceType, {
    buildDefinition: {
      ...definition,
      resolvedDependencies: [
        ...sourceDependency(run),
        ...platforms.map(({ platform, digest }) => ({ name: platform, digest: { sha256: digestHex(digest) } })),
      ],
    },
    runDetails: { ...details, metadata: { ...details.metadata, startedOn: assembledAt, finishedOn: assembledAt } },
  });
}
