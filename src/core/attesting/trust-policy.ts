import type { TrustPolicy } from "../../attestation/judge.ts";
import { parseRemote } from "../../formats/address.ts";
import { isCloud } from "../../model/ci-run.ts";
import type { PublicKey } from "../../sigstore/signing-key.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Whom the repository trusts, from slipway.yaml, the run and the remote. `moreRefs`: patterns that count beside those of slipway.yaml. */
export function makeTrustPolicy(
  { ci, project, repository }: Workspace,
  keys: readonly PublicKey[],
  moreRefs: readonly string[] = [],
): TrustPolicy {
  const { trust } = project.signing;
  const remote = repository.remote === undefined ? undefined : parseRemote(repository.remote);
  const slug = ci.repository ?? (remote === undefined ? undefined : { owner: remote.owner, name: remote.repository });
  const server = serverOf(ci.server.url);
  return {
    issuer: trust.issuer ?? issuerOf(server),
    repository: slug === undefined ? undefined : `${server}/${slug.owner}/${slug.name}`,
    repositoryId: trust.repositoryId ?? ci.repositoryId,
    workflows: trust.workflows,
    refs: [...(trust.refs ?? trunkRefs(ci.defaultBranch)), ...moreRefs],
    keys: keys.map(({ digest }) => digest),
  };
}

/** Returns the ref of the default branch; if it is unknown, the refs of its two usual names. */
function trunkRefs(branch: string | undefined): readonly string[] {
  return branch === undefined ? ["refs/heads/main", "refs/heads/master"] : [`refs/heads/${branch}`];
}

/** The server's address as certificates write it: stand-ins on this machine stand for github.com. */
function serverOf(url: string): string {
  const { hostname } = new URL(url);
  return hostname.endsWith(".localhost") ? "https://github.com" : url;
}

/** https://docs.github.com/actions/reference/security/oidc: each host of ghe.com has a token service of its own. */
function issuerOf(server: string): string {
  const { host } = new URL(server);
  if (host === "github.com") return "https://token.actions.githubusercontent.com";
  return isCloud(host) ? `https://token.actions.${host}` : `${server}/_services/token`;
}

/** A release may have been built for its tag. Who may push tags is the repository's own rule. */
export function releaseRefs({ project }: Workspace): readonly string[] {
  return project.groups.map(
    ({ name, tag }) => `refs/tags/${tag.replaceAll("{group}", name).replaceAll("{version}", "*")}`,
  );
}
