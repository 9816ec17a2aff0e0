import { rm } from "node:fs/promises";
import { posix } from "node:path";
import { isInterruption, SlipwayError, whileDoing } from "../../errors.ts";
import { withoutCredentials } from "../../formats/address.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { GitAddress } from "../../invocation/git-address.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import { tokenFor } from "../../model/ci-run.ts";
import { gitProtocols } from "../../model/git-address.ts";
import { openRepository, type Repository } from "../../source/git/repository.ts";
import { withGitToken } from "../../source/git/git-token.ts";
import { readTree } from "../../source/tree/tree.ts";
import { withoutIgnoreFiles } from "../../source/tree/without-ignore-files.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import { resolveGitContext } from "../workspace/git-context.ts";
import type { InvocationFiles } from "./read-places.ts";

/**
 * Opens the files of a git context at the commit that it names now, as BuildKit checks them out: without regard to ignore files. They are
 * read from the checkout around the host's folder where that has the commit, else fetched without their contents.
 */
export async function readGitContext(
  { host, run }: { readonly host: Host; readonly run: ReadRun },
  address: GitAddress,
  { dockerfile = "Dockerfile" }: Pick<BuildInvocation, "dockerfile">,
): Promise<InvocationFiles> {
  const authorized = withRunToken(host, run, address.remote);
  const commit = await commitOf(authorized, address);
  const here = await openHere(host, commit);
  const opened = here === undefined ? await fetchRepository(authorized, address.remote, commit) : { repository: here };
  const tree = await readTree(opened.repository, { commit });
  const places = { context: address.folder, dockerfile: posix.join(address.folder, dockerfile), contexts: {} };
  const files: InvocationFiles = {
    tree: withoutIgnoreFiles(tree),
    places,
    reopen: async () => {
      const now = await commitOf(authorized, address);
      if (now === commit) return files;
      throw new SlipwayError("files-changed", `${withoutCredentials(address.remote)}: ${address.ref ?? "HEAD"} moved`);
    },
    ...("remove" in opened ? { close: opened.remove } : {}),
  };
  return files;
}

async function commitOf(host: Host, { remote, ref, commit }: GitAddress): Promise<string> {
  return commit ?? resolveGitContext(host, ref === null ? remote : `${remote}#${ref}`);
}

/** The run's token is for its own server. */
function withRunToken(host: Host, { ci, tokens }: ReadRun, remote: string): Host {
  const server = new URL(ci.server.url);
  const token = tokenFor(tokens, server.host);
  const isOwn = URL.canParse(remote) && new URL(remote).origin === server.origin;
  return isOwn && token !== undefined ? withGitToken(host, ci.server.url, token.reveal()) : host;
}

/** The repository around the host's folder; undefined: there is none, or it lacks the commit. */
async function openHere(host: Host, commit: string): Promise<Repository | undefined> {
  const asked = await host.run("git", ["cat-file", "-e", `${commit}^{commit}`], {
    cwd: host.cwd,
    env: { GIT_NO_LAZY_FETCH: "1" },
  });
  if (asked.exitCode !== 0) return undefined;
  return openRepository(host, host.cwd).catch((error: unknown) => {
    if (isInterruption(error)) throw error;
    return undefined;
  });
}

/** Fetches one commit without the contents of its files, which come when they are read. */
async function fetchRepository(
  host: Host,
  remote: string,
  commit: string,
): Promise<{ readonly repository: Repository; readonly remove: () => Promise<void> }> {
  const folder = await makeTemporaryFolder(host, "build");
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const env = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: gitProtocols };
  const git = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await host.run("git", args, { cwd: folder, env });
    if (exitCode !== 0)
      throw new SlipwayError(
        "git-remote-unavailable",
        `git ${args[0] ?? ""}: ${stderr.trim().split("\n").at(-1) ?? ""}`,
      );
  };
  try {
    await git("init", "--quiet");
    await git("remote", "add", "origin", remote);
    await git("fetch", "--quiet", "--no-tags", "--depth=1", "--filter=blob:none", "origin", commit);
    await git("update-ref", "--no-deref", "HEAD", commit);
    return { repository: await openRepository(host, folder), remove };
  } catch (error) {
    await remove();
    throw whileDoing(`reading ${withoutCredentials(remote)} at ${commit.slice(0, 7)}`, error);
  }
}
