import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError, whileDoing } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { makeGit } from "../git/git.ts";

export interface TreesRequest {
  /** The working tree's root; created if absent. */
  readonly folder: string;
  /** `https://github.com/acme/shop`, without credentials. */
  readonly url: string;
  /** The commit's full id. */
  readonly commit: string;
  /** The name to check `commit` out as: `refs/heads/main` becomes the branch `main`; any other ref is detached. */
  readonly ref?: string;
  /** `none`: this commit alone. `commits`: its history and tags too, for release notes and to compare generations. */
  readonly history: "none" | "commits";
  /** Another commit to fetch the trees of: trunk's, for a pull request. */
  readonly beside?: string | undefined;
  /** Lines to add to the clone's configuration file. */
  readonly config?: string;
}

/** `git cat-file --filters` reads attributes from the working tree only. All other files stay out of it. */
const attributesOnly = "# Slipway checks other files out by name, when a build reads them.\n.gitattributes\n";

/**
 * Clones a commit with its trees and no file but `.gitattributes`: `git status` is clean, `git ls-tree` is complete, and contents are
 * fetched when they are read. Throws `repository` with git's words when the server refuses.
 */
export async function cloneTrees(host: Host, request: TreesRequest): Promise<void> {
  const { folder, url, commit, ref, history, beside, config = "" } = request;
  await mkdir(folder, { recursive: true });
  const git = makeGit(host, folder);
  await git(["-c", "init.defaultBranch=main", "init", "--quiet", "--template="]);
  const gitFolder = join(folder, ".git");
  await mkdir(join(gitFolder, "info"), { recursive: true });
  await writeFile(join(gitFolder, "info", "sparse-checkout"), attributesOnly);
  // The configuration is written directly, since `git config` takes a process for each value.
  await appendFile(join(gitFolder, "config"), cloneConfig(url) + config);
  const wanted = beside === undefined || beside === commit ? [commit] : [commit, beside];
  const what = history === "none" ? ["--depth=1", "--no-tags", "origin", ...wanted] : ["--tags", "origin", ...wanted];
  try {
    await git(["fetch", "--quiet", "--filter=blob:none", "--recurse-submodules=no", ...what]);
  } catch (error) {
    throw withAccessHint(error, url);
  }
  const branch = /^refs\/heads\/(.+)$/.exec(ref ?? "")?.[1];
  await git(
    branch === undefined
      ? ["checkout", "--quiet", "--detach", commit]
      : ["checkout", "--quiet", "--no-track", "-B", branch, commit],
  );
}

/** https://git-scm.com/docs/git-config#_syntax */
function cloneConfig(url: string): string {
  return `[remote "origin"]
url = "${url.replace(/["\\]/g, "\\$&")}"
promisor = true
partialclonefilter = blob:none
[core]
sparseCheckout = true
sparseCheckoutCone = false
[gc]
auto = 0
[maintenance]
auto = false
`;
}

function withAccessHint(error: unknown, url: string): SlipwayError {
  const fault = whileDoing(`fetching ${url}`, error);
  if (!/authentication|could not read Username|not found|403|401/i.test(fault.message)) return fault;
  const hint = "the token needs `contents: read` on this repository";
  return new SlipwayError("git-denied", fault.message.split("\n"), { hint, cause: error });
}
