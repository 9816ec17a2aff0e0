import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasKind, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { type Git, makeGit, decodeText } from "../source/git/git.ts";
import { cloneTrees, type TreesRequest } from "../source/checkout/sparse.ts";

/**
 * Makes sure that the folder holds the repository at the run's commit: clones its trees into an empty folder, uses the checkout of an earlier step,
 * or replaces what an earlier run of the action left on the machine. Throws `repository`, also if a release would not be that of the run's commit,
 * and `credentials`.
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
 * Checks a checkout of another commit than the run's. For a release it must be a descendant of the run's commit, as a commit by an earlier step is;
 * on a machine that is not thrown away, it may be left over from another workflow.
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
  /** Existing checkout; `own`: an earlier run of the action made it, or started to. */
  | { readonly kind: "own" | "other"; readonly commit: string | undefined };

/** Setting in the clone's own configuration that distinguishes it from a checkout by another step. */
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

/** Fetches the history if it is needed and the clone is shallow. It is needed for notes and for the order of a branch's releases. */
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

/** Returns git's output; undefined: git failed. */
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
