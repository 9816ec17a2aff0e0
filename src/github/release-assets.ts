import { digestOf } from "../model/digest.ts";
import type { GitHubClient } from "./client.ts";
import { ensureGone, isStatus } from "./fault.ts";
import type { GitHubAsset, GitHubRelease } from "./find-release.ts";

/** A file to attach to a release. */
export interface AssetFile {
  readonly name: string;
  readonly contentType: string;
  readonly content: string;
}

/** The assets of a release afterwards. */
export interface Attached {
  readonly names: ReadonlySet<string>;
  readonly isChanged: boolean;
}

/** Attaches files one by one. Assets with equal content stay, and so do assets of other names. */
export async function putAssets(
  client: GitHubClient,
  release: GitHubRelease,
  files: readonly AssetFile[],
): Promise<Attached> {
  const names = new Set(release.assets.filter(isWhole).map(({ name }) => name));
  let isChanged = false;
  for (const file of files) {
    const there = release.assets.find(({ name }) => name === file.name);
    if (there === undefined || !isSame(there, file)) {
      await putAsset(client, release, file, there);
      isChanged = true;
    }
    names.add(file.name);
  }
  return { names, isChanged };
}

/** Asset names are unique, so the old file is deleted first. */
async function putAsset(
  client: GitHubClient,
  release: GitHubRelease,
  file: AssetFile,
  old: GitHubAsset | undefined,
): Promise<void> {
  const { octokit, at } = client;
  if (old !== undefined) await ensureGone(octokit.rest.repos.deleteReleaseAsset({ ...at, asset_id: old.id }));
  try {
    await octokit.request({
      method: "POST",
      url: release.upload_url,
      name: file.name,
      headers: { "content-type": file.contentType },
      data: file.content,
    });
  } catch (error) {
    // A retry after a lost answer finds its own upload.
    const there = isStatus(error, 422) ? await readAsset(client, release, file.name) : undefined;
    if (there === undefined || !isSame(there, file)) throw error;
  }
}

async function readAsset(
  { octokit, at }: GitHubClient,
  release: GitHubRelease,
  name: string,
): Promise<GitHubAsset | undefined> {
  const { data } = await octokit.rest.repos.listReleaseAssets({ ...at, release_id: release.id, per_page: 100 });
  return data.find((asset) => asset.name === name);
}

/** Compares by digest, or by size if GitHub does not give the digest. */
function isSame(asset: GitHubAsset, { content }: AssetFile): boolean {
  if (!isWhole(asset)) return false;
  const { digest } = asset;
  if (typeof digest === "string" && digest.startsWith("sha256:")) return digest === digestOf(content);
  return asset.size === new TextEncoder().encode(content).byteLength;
}

/** A failed upload leaves an empty asset in the state `starter`: https://docs.github.com/rest/releases/assets */
function isWhole({ state }: GitHubAsset): boolean {
  return state === "uploaded";
}
