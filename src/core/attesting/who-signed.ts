import type { KeylessSigners } from "../../model/verify-commands.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { makeTrustPolicy, releaseRefs } from "./trust-policy.ts";

/**
 * Who signs the images of releases, for commands that verify them; undefined: without `signed-since` a release may ship an image that
 * nobody signed.
 */
export function whoSigned(workspace: Workspace): KeylessSigners | "key" | undefined {
  const { mode, key, instance, since, trust } = workspace.project.signing;
  if (since === undefined) return undefined;
  const { repository, issuer, workflows, refs } = makeTrustPolicy(workspace, [], releaseRefs(workspace));
  const isKeyed = mode === "key" || key !== undefined || trust.keys.length > 0;
  if (isKeyed || repository === undefined || (workspace.host.env["SLIPWAY_SIGNING_KEY"] ?? "") !== "") return "key";
  const [root] = trust.roots;
  // No tool knows the root of an instance of one's own by itself.
  if (instance !== undefined && root === undefined) return "key";
  const own = instance === undefined ? undefined : root;
  return { repository, issuer, workflows, refs, root: own, isKnownToCosign: mode !== "github" };
}
