import { join, resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { SigningChoice } from "../../model/signing.ts";
import type { SigningServices } from "../../sigstore/services.ts";
import { type InstanceFacts, readInstance } from "../../sigstore/tuf.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import type { Workspace } from "../workspace/workspace.ts";

type Instance = Extract<SigningChoice, { kind: "keyless" }>["instance"];

/** Reads what the configured instance of Sigstore says of itself: that of slipway.yaml, else the public one. */
export async function readConfiguredInstance({ host, project, repository }: Workspace): Promise<InstanceFacts> {
  const { instance } = project.signing;
  const home =
    host.env["XDG_CACHE_HOME"] ?? (host.env["HOME"] === undefined ? undefined : join(host.env["HOME"], ".cache"));
  const cache = home === undefined ? await makeTemporaryFolder(host, "tuf") : join(home, "slipway", "tuf");
  const root = instance === undefined ? undefined : resolve(repository.root, instance.root);
  return readInstance({ mirror: instance?.tuf, root, cache }, new Date(host.now()));
}

/** Services of the chosen instance. Throws `signing-unavailable`. */
export async function readServices(workspace: Workspace, instance: Instance): Promise<SigningServices> {
  if (instance === "github") return servicesOfGitHub(workspace);
  const { services } = await readConfiguredInstance(workspace);
  if (services !== undefined) return services;
  throw new SlipwayError(
    "signing-unavailable",
    "signing: the instance of Sigstore lists no certificate authority, or neither a log nor timestamps, with the first version of their APIs",
  );
}

/**
 * GitHub's own instance, for private repositories: certificates and timestamps, no log. A host of ghe.com has one of its own. Source:
 * actions/toolkit, packages/attest, endpoints.
 */
function servicesOfGitHub({ ci }: Workspace): SigningServices {
  const { host } = new URL(ci.server.url);
  const domain = host.endsWith(".ghe.com") ? host : "githubapp.com";
  return { authority: `https://fulcio.${domain}`, log: undefined, timestamps: `https://timestamp.${domain}` };
}
