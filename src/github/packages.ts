import type { GitHubClient } from "./client.ts";
import { ensureGone, githubFault, isStatus } from "./fault.ts";

const permission = "packages: write";

/** The result of deleting a version. `last`: it stays, since deleting it would delete the package. `unseen`: the token cannot see it. */
export type VersionDeletion = "deleted" | "gone" | "last" | "unseen";

/**
 * Deletes the version of a container package behind a tag or digest. GitHub's registry deletes no tags, and versions only through this API
 * (https://docs.github.com/rest/packages/packages). The last version goes only with the whole package and its permissions, if
 * `takesPackage` allows that. `name`: the image without registry and owner: `shop/api`. Throws `credentials`.
 */
export async function deletePackageVersion(
  client: GitHubClient,
  name: string,
  version: string,
  takesPackage: boolean,
): Promise<VersionDeletion> {
  const { owner } = client.at;
  try {
    for (const owned of ["org", "user"] as const) {
      const found = await findVersion(client, owned, name, version);
      if (found === "no such package") continue;
      if (found === undefined) return "gone";
      if (found.isOnly && !takesPackage) return "last";
      await ensureGone(deleteVersion(client, owned, name, found));
      return "deleted";
    }
    return "unseen";
  } catch (error) {
    throw githubFault(error, `deleting ${version} of the package ${owner}/${name}`, permission);
  }
}

type Owned = "org" | "user";

interface FoundVersion {
  readonly id: number;
  /** The package has no other version, so that only the package can be deleted. */
  readonly isOnly: boolean;
}

async function findVersion(
  client: GitHubClient,
  owned: Owned,
  name: string,
  wanted: string,
): Promise<FoundVersion | "no such package" | undefined> {
  try {
    const versions = await listVersions(client, owned, name);
    const found = versions.find(
      (each) => each.name === wanted || each.metadata?.container?.tags.includes(wanted) === true,
    );
    return found === undefined ? undefined : { id: found.id, isOnly: versions.length === 1 };
  } catch (error) {
    if (isStatus(error, 404)) return "no such package";
    throw error;
  }
}

interface Version {
  readonly id: number;
  /** The digest. */
  readonly name: string;
  readonly metadata?: { readonly container?: { readonly tags: readonly string[] } };
}

async function listVersions({ octokit, at }: GitHubClient, owned: Owned, name: string): Promise<readonly Version[]> {
  const { packages } = octokit.rest;
  const of = { package_type: "container", package_name: name } as const;
  if (owned === "org") {
    const asked = { ...of, org: at.owner, per_page: 100 };
    return octokit.paginate(packages.getAllPackageVersionsForPackageOwnedByOrg, asked);
  }
  // The API's paging is not documented; the first page has 30 versions.
  const route = "GET /users/{username}/packages/{package_type}/{package_name}/versions";
  return octokit.paginate<Version>(route, { ...of, username: at.owner, per_page: 100 });
}

async function deleteVersion(
  { octokit, at }: GitHubClient,
  owned: Owned,
  name: string,
  { id, isOnly }: FoundVersion,
): Promise<void> {
  const of = { package_type: "container", package_name: name } as const;
  const { packages } = octokit.rest;
  if (owned === "org") {
    if (isOnly) await packages.deletePackageForOrg({ ...of, org: at.owner });
    else await packages.deletePackageVersionForOrg({ ...of, org: at.owner, package_version_id: id });
  } else if (isOnly) await packages.deletePackageForUser({ ...of, username: at.owner });
  else await packages.deletePackageVersionForUser({ ...of, username: at.owner, package_version_id: id });
}
