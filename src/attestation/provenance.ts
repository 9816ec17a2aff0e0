import type { BuildDefinition } from "../model/build-definition.ts";
import { type Digest, digestHex, digestOfPin } from "../model/digest.ts";
import type { Fingerprint, InputContext } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import { imagePurl } from "./image-purl.ts";
import { makeStatement } from "./make-statement.ts";
import type { NamedDigest } from "./named-digest.ts";
import type { Statement } from "../model/statement.ts";
import type { BuilderRun } from "./builder-run.ts";
import { describeBuilder, type ResourceDescriptor, sourceDependency } from "./describe-builder.ts";

export const provenanceType = "https://slsa.dev/provenance/v1";

/** Facts of one built image of one platform. */
export interface ProvenanceFacts {
  /** The platform's manifest; and the service's index where it has no other platform. */
  readonly subjects: readonly NamedDigest[];
  readonly run: BuilderRun;
  readonly service: string;
  readonly fingerprint: Fingerprint;
  /** Version of the fingerprint algorithm. */
  readonly algorithm: string;
  readonly definition: Pick<BuildDefinition, "platform" | "frontend" | "bases" | "context" | "contexts" | "target">;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/**
 * The statement of a build: what it was made from, by whom. The fields are those that GitHub's own attest action writes, with every base,
 * frontend and context by digest beside them. Holds no build arg and no secret, nor the name of one.
 */
export function provenanceStatement(facts: ProvenanceFacts): Statement {
  const { run, service, fingerprint, algorithm, definition, startedAt, finishedAt } = facts;
  const { definition: described, details } = describeBuilder(run, {
    service,
    platform: definition.platform,
    fingerprint,
    algorithm,
    builtAt: startedAt,
  });
  return makeStatement(facts.subjects, provenanceType, {
    buildDefinition: { ...described, resolvedDependencies: [...sourceDependency(run), ...dependenciesOf(definition)] },
    runDetails: { ...details, metadata: { ...details.metadata, startedOn: startedAt, finishedOn: finishedAt } },
  });
}

function dependenciesOf(definition: ProvenanceFacts["definition"]): readonly ResourceDescriptor[] {
  const { platform, frontend, bases, context, contexts } = definition;
  const frontendDigest = frontend === null ? undefined : digestOfPin(frontend);
  return [
    { name: "context", digest: { sha256: digestHex(context) } },
    ...bases.flatMap(({ reference, digest }) => (digest === null ? [] : [ofImage(reference, platform, digest)])),
    ...contexts.flatMap((each) => ofContext(each, platform)),
    ...(frontend === null || frontendDigest === undefined ? [] : [ofImage(frontend, undefined, frontendDigest)]),
  ];
}

function ofImage(reference: string, platform: Platform | undefined, digest: Digest): ResourceDescriptor {
  return { uri: imagePurl(reference, platform), digest: { sha256: digestHex(digest) } };
}

function ofContext({ name, kind, of, digest }: InputContext, platform: Platform): readonly ResourceDescriptor[] {
  if (digest === null) return [];
  switch (kind) {
    case "git":
      return [{ name, uri: `git+${of}`, digest: { gitCommit: digest } }];
    case "folder":
      return [{ name, digest: { sha256: bare(digest) } }];
    case "image":
      return [{ name, uri: imagePurl(of, platform), digest: { sha256: bare(digest) } }];
    case "service":
      return [{ name, digest: { sha256: bare(digest) }, annotations: { service: of } }];
  }
}

function bare(digest: string): string {
  return digest.replace(/^sha256:/, "");
}
