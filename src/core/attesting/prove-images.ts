import { assemblyStatement } from "../../attestation/assembly.ts";
import { findProofGaps, type ProofGap } from "../../attestation/prove-service.ts";
import { SlipwayError } from "../../errors.ts";
import { attachedTo } from "../../images/attached-statements.ts";
import type { Digest } from "../../model/digest.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { ReleasedService } from "../../model/release.ts";
import { settleAll } from "../../model/settle.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Attester } from "./attester.ts";
import type { OpenedProof } from "./open-proof.ts";
import { judgeBundle, readStatements, type TrustedStatement } from "./read-statements.ts";

/** A service's image with what is proven of it. */
export interface ProvenService {
  readonly service: string;
  readonly trusted: readonly TrustedStatement[];
  /** Empty: everything is proven. */
  readonly gaps: readonly ProofGap[];
  /** Why statements that are there do not count. */
  readonly distrusted: readonly string[];
}

/** What images are proven with. */
export interface ProofTools extends OpenedProof {
  /** Signs what is missing of an index; undefined: the run does not sign. */
  readonly attester: Attester | undefined;
}

/**
 * Verifies what is attached to the images of a release under their first names, each bundle once, all in this process. An index over several
 * platforms that nothing vouches for, while each of its images is proven, gets a statement of this run.
 */
export async function proveImages(
  workspace: Workspace,
  services: readonly ReleasedService[],
  indexes: ReadonlyMap<string, RawManifest>,
  tools: ProofTools,
): Promise<readonly ProvenService[]> {
  return settleAll(services.map((service) => proveService(workspace, service, indexes.get(service.service), tools)));
}

async function proveService(
  workspace: Workspace,
  service: ReleasedService,
  index: RawManifest | undefined,
  tools: ProofTools,
): Promise<ProvenService> {
  const found = await readService(workspace, service, tools);
  const gaps = findProofGaps(service, statementsOf(found.trusted));
  const isIndexAlone = gaps.length > 0 && gaps.every(({ kind }) => kind === "no-assembly");
  const raw = isIndexAlone && tools.attester !== undefined ? await readIndex(workspace, service, index) : undefined;
  if (raw === undefined || tools.attester === undefined) return { service: service.service, ...found, gaps };
  const signed = await judgeBundle(
    await assemble(workspace, service, raw, tools.attester),
    tools.verifier,
    tools.policy,
  );
  const again = typeof signed === "string" ? found.trusted : [...found.trusted, signed];
  return {
    service: service.service,
    trusted: again,
    distrusted: typeof signed === "string" ? [...found.distrusted, signed] : found.distrusted,
    gaps: findProofGaps(service, statementsOf(again)),
  };
}

/** Statements of the index and of each platform's image. Where there is one platform, the build attached them to both. */
async function readService(
  { registry }: Workspace,
  { images: [name], digest, platforms }: ReleasedService,
  { verifier, policy }: ProofTools,
): Promise<{ readonly trusted: readonly TrustedStatement[]; readonly distrusted: readonly string[] }> {
  const read = (of: Digest) => readStatements(registry, { name, digest: of }, verifier, policy);
  const first = await read(digest);
  const isEnough = findProofGaps({ digest, platforms }, statementsOf(first.trusted)).length === 0;
  const others = isEnough ? [] : await settleAll(platforms.map((platform) => read(platform.digest)));
  const all = [first, ...others];
  const trusted = new Map(all.flatMap((each) => each.trusted).map((each) => [each.bundle, each]));
  return { trusted: [...trusted.values()], distrusted: [...new Set(all.flatMap((each) => each.distrusted))] };
}

function statementsOf(trusted: readonly TrustedStatement[]) {
  return trusted.map(({ statement }) => statement);
}

async function readIndex(
  { registry }: Workspace,
  { images: [name], digest }: ReleasedService,
  index: RawManifest | undefined,
): Promise<RawManifest | undefined> {
  return index?.digest === digest ? index : registry.getManifest(name, digest);
}

async function assemble(
  workspace: Workspace,
  { service, images: [name], platforms }: ReleasedService,
  index: RawManifest,
  attester: Attester,
): Promise<string> {
  const statement = assemblyStatement({
    index: { name, digest: index.digest },
    service,
    platforms,
    run: await attester.readRun(),
    assembledAt: workspace.host.now(),
  });
  const [signed] = await settleAll([
    attester.sign(statement),
    workspace.registry.putManifest(name, index.digest, index),
  ]);
  await attester.attach(name, attachedTo(index), signed);
  return signed.bundle;
}

/** Throws `not-proven` with every gap, unless all images are proven. */
export function checkProven(services: readonly ProvenService[], doing: string): void {
  const lines = services.flatMap(({ service, gaps, distrusted }) =>
    gaps.length === 0
      ? []
      : [...gaps.map(({ because }) => `${service}: ${because}`), ...distrusted.map((each) => `  ${each}`)],
  );
  if (lines.length === 0) return;
  const names = services.filter(({ gaps }) => gaps.length > 0).map(({ service }) => service);
  throw new SlipwayError("not-proven", [`${doing}: not everything is proven`, ...lines], {
    hint: `build what is not proven again, which signs it: \`slipway release --force ${names.join(",")}\``,
  });
}
