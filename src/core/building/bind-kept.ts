import { bindingStatement } from "../../attestation/binding.ts";
import { isBuilt } from "../../attestation/prove-service.ts";
import { attachedTo } from "../../images/attached-statements.ts";
import { algorithmSetting } from "../../model/inputs.ts";
import type { ReleasedService } from "../../model/release.ts";
import { readStatements } from "../attesting/read-statements.ts";
import type { BuildContext, PlatformBuild } from "./build-context.ts";

/**
 * Decides whether the released image stays in use for inputs that gave the same content (early cutoff). In a run that signs it has to carry a
 * trusted statement of its own build, and gets one that binds it to these inputs; without the former the new image is taken. Any other run keeps
 * it.
 */
export async function bindKept(
  { attester, workspace }: BuildContext,
  { service, platform, read }: PlatformBuild,
  kept: ReleasedService,
): Promise<boolean> {
  const { fingerprint, settings } = read.inputs;
  if (attester === undefined || fingerprint === null) return true;
  const [name] = service.images;
  const digest = kept.platforms.find((each) => each.platform === platform)?.digest;
  if (digest === undefined) return false;
  const { verifier, policy } = await attester.openProof();
  const { trusted } = await readStatements(workspace.registry, { name, digest }, verifier, policy);
  if (!trusted.some(({ statement }) => isBuilt(statement, digest))) return false;
  const image = await workspace.registry.getManifest(name, digest);
  if (image === undefined) return false;
  const statement = bindingStatement({
    kept: { name, digest },
    service: service.name,
    platform,
    fingerprint,
    algorithm: settings[algorithmSetting] ?? "",
    comparedAt: workspace.host.now(),
  });
  await attester.attach(name, attachedTo(image), await attester.sign(statement));
  return true;
}
