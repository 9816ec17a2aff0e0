import { asFields, asList, asText, fieldsOf } from "../formats/json.ts";
import type { Digest } from "../model/digest.ts";
import { byKey } from "../model/order.ts";
import type { ReleasedPlatform, ReleasedService } from "../model/release.ts";
import type { Statement } from "../model/statement.ts";
import { assemblyBuildType } from "./assembly.ts";
import { bindingType } from "./binding.ts";
import { provenanceType } from "./provenance.ts";

/** A gap in the proof of an image. */
export interface ProofGap {
  readonly kind: "no-provenance" | "other-inputs" | "no-assembly";
  readonly digest: Digest;
  /** What is missing, as a clause. */
  readonly because: string;
}

/**
 * Finds what trusted statements do not prove of a service's image: that each platform's image was built, from the inputs it is released for,
 * and that its index holds these images and no others. Empty: all is proven. Names in statements decide nothing.
 */
export function findProofGaps(
  service: Pick<ReleasedService, "digest" | "platforms">,
  trusted: readonly Statement[],
): readonly ProofGap[] {
  const gaps = service.platforms.flatMap((platform) => platformGap(platform, trusted) ?? []);
  const [only] = service.platforms;
  const isCovered =
    service.platforms.length === 1 && only !== undefined && isProvenance(trusted, [only.digest, service.digest]);
  if (isCovered || isAssembled(service, trusted)) return gaps;
  const because = "nothing says who put its index together";
  return [...gaps, { kind: "no-assembly", digest: service.digest, because }];
}

function platformGap(
  platform: Pick<ReleasedPlatform, "platform" | "digest" | "fingerprint">,
  trusted: readonly Statement[],
): ProofGap | undefined {
  const { digest, fingerprint } = platform;
  const builds = trusted.filter((each) => isBuilt(each, digest));
  if (builds.length === 0) {
    return { kind: "no-provenance", digest, because: `nothing says who built its image for ${platform.platform}` };
  }
  const isBound =
    builds.some((each) => slipwayOf(each)["fingerprint"] === fingerprint) ||
    trusted.some((each) => isBinding(each, platform) && covers(each, digest));
  if (isBound) return undefined;
  const because = `its image for ${platform.platform} was built from other inputs than ${fingerprint}`;
  return { kind: "other-inputs", digest, because };
}

/** Whether a statement says that the image with this digest was built, and how. */
export function isBuilt(statement: Statement, digest: Digest): boolean {
  return isBuild(statement) && covers(statement, digest);
}

/** Commit and time of a build, as its own statement has them. */
export interface BoundBuild {
  readonly commit: string;
  readonly builtAt: string;
}

/**
 * Finds the build of an image that trusted statements bind to its fingerprint; undefined: none does. Of several builds of the same bytes, the
 * oldest counts, so that no later statement makes an image look young.
 */
export function findBoundBuild(
  image: Pick<ReleasedPlatform, "platform" | "digest" | "fingerprint">,
  trusted: readonly Statement[],
): BoundBuild | undefined {
  if (platformGap(image, trusted) !== undefined) return undefined;
  const builds = trusted.filter((each) => isBuilt(each, image.digest)).flatMap((each) => buildOf(each) ?? []);
  return builds.toSorted(byKey(({ builtAt }) => builtAt))[0];
}

function buildOf(statement: Statement): BoundBuild | undefined {
  const { builtAt } = slipwayOf(statement);
  const commit = (asList(buildDefinitionOf(statement)["resolvedDependencies"]) ?? [])
    .map((each) => fieldsOf(asFields(each)?.["digest"])["gitCommit"])
    .find((each) => each !== undefined);
  const isTime = typeof builtAt === "string" && !Number.isNaN(Date.parse(builtAt));
  return isTime && typeof commit === "string" ? { builtAt, commit } : undefined;
}

/** Whether a statement says of what the index with this digest was put together. */
export function isPutTogether(statement: Statement, digest: Digest): boolean {
  const { buildType } = buildDefinitionOf(statement);
  return statement.predicateType === provenanceType && buildType === assemblyBuildType && covers(statement, digest);
}

/** Whether one statement of a build covers all these digests. */
function isProvenance(trusted: readonly Statement[], digests: readonly Digest[]): boolean {
  return trusted.some((each) => isBuild(each) && digests.every((digest) => covers(each, digest)));
}

/** Whether a statement is the provenance of a build; that of an index assembled from several platforms is not. */
function isBuild(statement: Statement): boolean {
  return statement.predicateType === provenanceType && buildDefinitionOf(statement)["buildType"] !== assemblyBuildType;
}

function isAssembled(service: Pick<ReleasedService, "digest" | "platforms">, trusted: readonly Statement[]): boolean {
  return trusted.some((each) => {
    if (!isPutTogether(each, service.digest)) return false;
    const definition = buildDefinitionOf(each);
    const parts = new Set(
      (asList(definition["resolvedDependencies"]) ?? []).flatMap((dependency) => {
        const sha256 = asText(fieldsOf(asFields(dependency)?.["digest"])["sha256"]);
        return sha256 === undefined ? [] : [`sha256:${sha256}`];
      }),
    );
    return parts.size === service.platforms.length && service.platforms.every(({ digest }) => parts.has(digest));
  });
}

function isBinding(
  { predicateType, predicate }: Statement,
  { fingerprint, platform }: Pick<ReleasedPlatform, "platform" | "fingerprint">,
): boolean {
  return (
    predicateType === bindingType && predicate["fingerprint"] === fingerprint && predicate["platform"] === platform
  );
}

function covers({ subject }: Statement, digest: Digest): boolean {
  return subject.some((each) => `sha256:${each.digest.sha256}` === digest);
}

function buildDefinitionOf({ predicate }: Statement): Readonly<Record<string, unknown>> {
  return fieldsOf(predicate["buildDefinition"]);
}

function slipwayOf(statement: Statement): Readonly<Record<string, unknown>> {
  return fieldsOf(fieldsOf(buildDefinitionOf(statement)["internalParameters"])["slipway"]);
}
