import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError, whileDoing } from "../errors.ts";
import type { Host } from "../host.ts";
import { makeGit } from "./git.ts";

export interface TreesRequest {
  /** The working tree's root; made where it is not there. */
  readonly folder: string;
  /** `https://github.com/acme/shop`, without credentials. */
  readonly url: string;
  /** The commit's full id. */
  readonly commit: string;
  /** The name that `commit` is checked out under: `refs/heads/main` becomes the branch `main`; anything else is detached. */
  readonly ref?: string;
  /** `none`: this commit alone. `commits`: also those before it, with tags, for release notes and for what is newer. */
  readonly history: "none" | "commits";
  /** Another commit whose trees are wanted: trunk's, for a pull request. */
  readonly beside?: string | undefined;
  /** More of the clone's own configuration, as its file has it. */
  readonly config?: string;
}

/** `git cat-file --filters` knows only attributes that are in the working tree. Everything else stays out of it. */
const attributesOnly = "# Slipway checks other files out by name, when a build reads them.\n.gitattributes\n";

/**
 * Clones a commit with its trees and no file but `.gitattributes`: `git status` is clean, `git ls-tree` tells everything, and contents
 * come when they are asked for. Throws `repository` with git's words when the server does not give it.
 */
export async function cloneTrees(host: Host, request: TreesRequest): Promise<void> {
  const { folder, url, commit, ref, history, beside, config = "" } = request;
  await mkdir(folder, { recursive: true });
  const git = makeGit(host, folder);
  await git(["-c", "init.defaultBranch=main", "init", "--quiet", "--template="]);
  const gitFolder = join(folder, ".git");
  await mkdir(join(gitFolder, "info"), { recursive: true });
  await writeFile(join(gitFolder, "info", "sparse-checkout"), attributesOnly);
  // Written by hand: `git config` is a process a value, in every job.
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
  const said = whileDoing(`fetching ${url}`, error);
  if (!/authentication|could not read Username|not found|403|401/i.test(said.message)) return said;
  const hint = "the token needs `contents: read` on this repository";
  return new SlipwayError("credentials", said.message.split("\n"), { hint, cause: error });
}
