import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasKind, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { type Git, makeGit, decodeText } from "../source/git/git.ts";
import { cloneTrees, type TreesRequest } from "../source/checkout/sparse.ts";

/**
 * Sees to it that the folder holds the repository at the run's commit: clones its trees where nothing is, uses what a step before
 * checked out, and takes the place of what an earlier run on the same machine left. Throws `repository`, also when what would be released is not the run's, and `credentials`.
 */
export async function ensureRepository(host: Host, request: TreesRequest, emit: Emit): Promise<void> {
  const git = makeGit(host, request.folder);
  const found = await look(git, request.folder);
  switch (found.kind) {
    case "none":
      return cloneTrees(host, { ...request, config: markConfig });
    case "own":
      if (found.commit === request.commit) return deepen(git, request, emit);
      await empty(request.folder);
      return cloneTrees(host, { ...request, config: markConfig });
    case "other":
      await deepen(git, request, emit);
      return found.commit === request.commit ? undefined : checkOther(git, found.commit, request, emit);
  }
}

/**
 * What a step before checked out is another commit than the run's. For a release it must come after it, as what a step committed
 * does: on a runner that is not thrown away it may be what another workflow left there.
 */
async function checkOther(
  git: Git,
  found: string | undefined,
  { commit, history }: TreesRequest,
  emit: Emit,
): Promise<void> {
  const what = `the job's folder holds ${found}, and not ${commit}, which the run is for`;
  const comesAfter = (await ask(git, ["merge-base", "--is-ancestor", commit, "HEAD"])) !== undefined;
  if (history === "commits" && !comesAfter) {
    throw new SlipwayError("commit-mismatch", what, {
      hint: "check out the run's commit in a step before, or leave the folder empty: the action checks out what it needs",
    });
  }
  emit({ kind: "warning", message: `${what}: it is taken as it is` });
}

type Found =
  | { readonly kind: "none" }
  /** `own`: an earlier run of the action made it, or began to. */
  | { readonly kind: "own" | "other"; readonly commit: string | undefined };

/** In the clone's own configuration: tells it from what steps of a person check out. */
const mark = "slipway.madeByAction";
const markConfig = "[slipway]\n\tmadeByAction = true\n";

async function look(git: Git, folder: string): Promise<Found> {
  const isThere = await stat(join(folder, ".git")).then(
    () => true,
    () => false,
  );
  if (!isThere) return { kind: "none" };
  const commit = await ask(git, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  const marked = await ask(git, ["config", "--get", mark]);
  return { kind: marked === undefined && commit !== undefined ? "other" : "own", commit };
}

/** Brings the history where a clone without it is there and it is needed. It is for notes and for the order of a branch's releases. */
async function deepen(git: Git, { history }: TreesRequest, emit: Emit): Promise<void> {
  if (history === "none") return;
  if ((await ask(git, ["rev-parse", "--is-shallow-repository"])) !== "true") return;
  try {
    await git(["fetch", "--quiet", "--unshallow", "--tags", "--recurse-submodules=no", "origin"]);
  } catch (error) {
    if (!hasKind(error, "git-failed")) throw error;
    emit({ kind: "warning", message: `the history is cut off, and could not be fetched: ${error.message}` });
  }
}

/** What git says, or undefined where it says no. */
async function ask(git: Git, args: readonly string[]): Promise<string | undefined> {
  try {
    return decodeText(await git(args)).trim();
  } catch (error) {
    if (hasKind(error, "git-failed")) return undefined;
    throw error;
  }
}

async function empty(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true, force: true });
}
