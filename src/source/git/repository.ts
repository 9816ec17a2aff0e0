import { statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { relative } from "node:path";
import { hasKind, SlipwayError, whileDoing } from "../../errors.ts";
import { withoutCredentials } from "../../formats/address.ts";
import type { Host } from "../../host.ts";
import { makeBlobReader, type BlobReader } from "./blobs.ts";
import { type Git, makeGit, decodeText } from "./git.ts";
import { type Commit, readCommits } from "./history.ts";
import { listCommit, type Listing } from "./listing.ts";
import { promisorOf } from "./partial-clone.ts";
import { readSettings, type Settings } from "./settings.ts";
import { type WorkingTreeChange, parseStatus, statusArgs } from "../tree/status.ts";

/** A git repository with a working tree and at least one commit, at the time of opening. */
export interface Repository {
  /** Absolute path of the working tree's root. */
  readonly root: string;
  /** Absolute path of git's own folder for this working tree. */
  readonly gitFolder: string;
  /** The full id of the checked-out commit. */
  readonly commit: string;
  /** The files of that commit. */
  readonly files: Listing;
  /** Whether history is cut off (`git clone --depth`): generations and commits between releases are then unknown. */
  readonly shallow: boolean;
  /** Name of the branch; undefined: none is checked out. */
  readonly branch: string | undefined;
  /** URL of `origin`, else of the first remote, without credentials. */
  readonly remote: string | undefined;
  /** Whether the working tree differs from the commit; files that git ignores do not count. */
  readonly dirty: boolean;
  readonly changes: readonly WorkingTreeChange[];
  /** git's hash function here. */
  readonly objectFormat: "sha1" | "sha256";
  /** The remote from which a partial clone fetches missing objects; undefined: the clone is complete. */
  readonly promisor: string | undefined;
  /** git's settings of remotes and of conversions at checkout. */
  readonly settings: Settings;
  /** Absolute path of the attribute file that is this clone's own. */
  readonly attributesFile: string;
  readonly host: Host;
  readonly git: Git;
  readonly blobs: BlobReader;
  /** The full commit id of a revision (`HEAD~3`, a tag). Throws `repository` when there is none. */
  resolve(revision: string): Promise<string>;
  /** The number of commits up to this one, itself included. Throws `repository` in a shallow clone. */
  generation(commit: string): Promise<number>;
  /** The time of a commit, ISO 8601. */
  committedAt(commit: string): Promise<string>;
  /** Commits that `to` has and `from` has not (null: all), newest first, without merges; only those that touch `paths`. */
  commitsBetween(from: string | null, to: string, paths?: readonly string[]): Promise<Commit[]>;
  /** The last commits up to this one as the branch saw them (first parents), newest first. */
  lastCommits(count: number, to?: string): Promise<Commit[]>;
}

/**
 * Opens the repository around `start`. Throws `repository` when there is none, or no commit. `outputs`: absolute paths of files that
 * Slipway writes; untracked ones do not count as changes.
 */
export async function openRepository(host: Host, start: string, outputs: readonly string[] = []): Promise<Repository> {
  checkFolder(start);
  const git = makeGit(host, start);
  // Looking for changes takes longest, so the files are listed at the same time.
  const asked = readPlaces(git, start);
  const [{ head, ...places }, listed, status, settings] = await Promise.all([
    asked,
    asked.then(({ head }) => (head === undefined ? undefined : listCommit(git, head))),
    git(statusArgs).catch((error: unknown) => error),
    readSettings(host, start),
  ]);
  if (!(status instanceof Uint8Array)) throw whileDoing("looking for changes", status);
  const { commit, branch, changes: all } = parseStatus(status);
  const own = new Set(outputs.map((path) => relative(places.root, path)));
  const changes = all.filter(({ path, kind }) => kind !== "untracked" || !own.has(path));
  if (commit === undefined) {
    throw new SlipwayError("no-commits", `"${places.root}" has no commit yet`, {
      hint: "commit the files that are to be released: git add . && git commit",
    });
  }
  const rootGit = makeGit(host, places.root);
  const promisor = promisorOf(settings);
  return {
    ...places,
    commit,
    files: listed !== undefined && head === commit ? listed : await listCommit(rootGit, commit),
    branch,
    remote: remoteOf(settings),
    settings,
    promisor,
    dirty: changes.length > 0,
    changes,
    host,
    git: rootGit,
    blobs: makeBlobReader(rootGit, promisor),
    resolve: (revision) => resolveCommit(rootGit, revision),
    generation: (of) => readGeneration(rootGit, places.shallow, of),
    committedAt: async (of) => {
      const time = decodeText(await rootGit(["show", "-s", "--no-show-signature", "--format=%ct", of])).trim();
      return new Date(Number(time) * 1000).toISOString();
    },
    commitsBetween: (from, to, paths = []) => {
      if (places.shallow) throw shallowError("the commits since the last release are unknown");
      const range = from === null ? [to] : [to, `^${from}`];
      return readCommits(rootGit, ["--no-merges", ...range], paths);
    },
    lastCommits: (count, to = commit) =>
      readCommits(rootGit, ["--first-parent", "--diff-merges=first-parent", `--max-count=${count}`, to], []),
  };
}

function checkFolder(start: string): void {
  const isFolder = statSync(start, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) throw new SlipwayError("not-a-repository", `there is no folder "${start}"`, { hint: "check --repo" });
}

interface Places {
  readonly root: string;
  readonly gitFolder: string;
  readonly attributesFile: string;
  readonly shallow: boolean;
  readonly objectFormat: "sha1" | "sha256";
  /** The checked-out commit; undefined before the first. It may change before `git status` runs. */
  readonly head: string | undefined;
}

async function readPlaces(git: Git, start: string): Promise<Places> {
  let output: string;
  try {
    const args = ["--show-toplevel", "--absolute-git-dir", "--is-shallow-repository", "--show-object-format"];
    const attributes = ["--path-format=absolute", "--git-path", "info/attributes"];
    output = decodeText(await git(["rev-parse", ...args, ...attributes, "--revs-only", "HEAD"]));
  } catch (error) {
    if (!hasKind(error, "git-failed") || error.data.reason === "other") throw error;
    if (error.data.reason === "no-work-tree") {
      throw new SlipwayError("not-a-repository", `"${start}" is a bare git repository, which has no files`, {
        hint: "run in a clone that has a working tree: git clone",
        cause: error,
      });
    }
    throw new SlipwayError("not-a-repository", `"${start}" is not in a git repository`, {
      hint: "go into one, or name it with --repo DIR; to start one: git init && git add . && git commit",
      cause: error,
    });
  }
  const [root = "", gitFolder = "", shallow, objectFormat, attributesFile = "", head = ""] = output.split("\n");
  return {
    root: await realpath(root),
    gitFolder,
    attributesFile,
    shallow: shallow === "true",
    objectFormat: objectFormat === "sha256" ? "sha256" : "sha1",
    head: head === "" ? undefined : head,
  };
}

function remoteOf(settings: Settings): string | undefined {
  const remotes = [...settings].filter(([key]) => key.startsWith("remote.") && key.endsWith(".url"));
  const [, url] = remotes.find(([key]) => key === "remote.origin.url") ?? remotes[0] ?? [];
  return url === undefined ? undefined : withoutCredentials(url);
}

async function resolveCommit(git: Git, revision: string): Promise<string> {
  try {
    return decodeText(
      await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]),
    ).trim();
  } catch (error) {
    throw new SlipwayError("no-such-commit", `there is no commit "${revision}" in this repository`, {
      hint: "fetch it first: git fetch --tags origin",
      cause: error,
    });
  }
}

async function readGeneration(git: Git, shallow: boolean, commit: string): Promise<number> {
  if (shallow) throw shallowError(`the number of commits up to ${commit.slice(0, 7)} is unknown`);
  return Number(decodeText(await git(["rev-list", "--count", commit])).trim());
}

function shallowError(what: string): SlipwayError {
  return new SlipwayError("history-missing", `this clone is shallow, so ${what}`, {
    hint: "fetch the history: git fetch --unshallow (in GitHub Actions: actions/checkout with fetch-depth: 0)",
  });
}
