import { releaseStatement } from "../../attestation/release.ts";
import { attachedTo } from "../../images/attached-statements.ts";
import type { RawManifest } from "../../model/oci.ts";
import type { ReleaseManifest } from "../../model/release.ts";
import type { SigningSettings } from "../../model/signing.ts";
import { makeReleaseName } from "../../records/record-names.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Attester } from "./attester.ts";
import { openProof } from "./open-proof.ts";
import { checkProven, proveImages } from "./prove-images.ts";

/** How a release is attested; undefined fields: the run signs nothing, and nothing has to be proven. */
export interface ReleaseProof {
  readonly attester: Attester | undefined;
  /** Bundles that this run made, or found of its own other jobs; `commit` adds those of the release. */
  readonly bundles: string[];
}

/** Whether this release must be proven: it is of a version from `signed-since` on, or of a branch where there is one. */
function mustBeProven({ since }: Pick<SigningSettings, "since">): boolean {
  return since !== undefined;
}

/**
 * Verifies every image that a release ships, before its commit point. Throws `not-proven` where `signed-since` asks for it; otherwise an
 * image of before is named in a warning. Does nothing in a run that signs nothing and has no `signed-since`.
 */
export async function proveRelease(
  workspace: Workspace,
  { attester, bundles }: ReleaseProof,
  manifest: ReleaseManifest,
  indexes: ReadonlyMap<string, RawManifest>,
): Promise<void> {
  const { emit, project } = workspace;
  const isAsked = mustBeProven(project.signing);
  if (attester === undefined && !isAsked) return;
  const proof = await (attester?.openProof() ?? openProof(workspace));
  const proven = await proveImages(workspace, manifest.services, indexes, { ...proof, attester });
  const doing = `releasing ${makeReleaseName(manifest.group, manifest.subject, manifest.commit).tag}`;
  const isBuilt = new Set(manifest.services.filter(({ origin }) => origin === "built").map(({ service }) => service));
  // Images that this run built must be proven even where no signature is demanded: a signature that does not verify has no use.
  checkProven(isAsked ? proven : proven.filter(({ service }) => isBuilt.has(service)), doing);
  for (const { service, gaps, distrusted } of proven) {
    if (gaps.length === 0) continue;
    const because = [...gaps.map((gap) => gap.because), ...distrusted].join("; ");
    emit({ kind: "warning", service, message: `${service} is released without proof: ${because}` });
  }
  bundles.push(
    ...proven
      .flatMap(({ trusted }) => trusted)
      .filter(isOfRun(workspace))
      .map(({ bundle }) => bundle),
  );
}

/** Whether a job of this run signed a statement. */
function isOfRun({ ci }: Workspace) {
  const run = ci.id === undefined ? undefined : `/actions/runs/${ci.id}/attempts/`;
  return ({ signer }: { readonly signer: { readonly kind: string; readonly run?: string } }): boolean =>
    run !== undefined && signer.kind === "workflow" && signer.run?.includes(run) === true;
}

/**
 * Makes the step that attaches a signed statement to a version's record before it is put; undefined: the run signs nothing, or releases a
 * branch. A run that loses against another one's record leaves a statement of a record that is not there, which vouches for nothing.
 */
export function attestRecord(
  { project, ci, registry }: Workspace,
  { attester, bundles }: ReleaseProof,
  manifest: ReleaseManifest,
): ((record: RawManifest) => Promise<void>) | undefined {
  if (attester === undefined || manifest.subject.kind !== "version") return undefined;
  const { releases: name } = project;
  return async (record) => {
    const { tag } = makeReleaseName(manifest.group, manifest.subject, manifest.commit);
    const repository = ci.repository === undefined ? undefined : `${ci.repository.owner}/${ci.repository.name}`;
    const signed = await attester.sign(
      releaseStatement({ record: { name, digest: record.digest }, manifest, version: tag, repository }),
    );
    // Some registries refuse a referrer of a manifest that they do not have. The record has no tag yet, so no reader follows it.
    await registry.putManifest(name, record.digest, record);
    await attester.attach(name, attachedTo(record), signed);
    bundles.push(signed.bundle);
  };
}
