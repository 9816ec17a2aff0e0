import { posix } from "node:path";
import { parseDockerfile } from "../../dockerfile/syntax/parse.ts";
import { hasKind, SlipwayError } from "../../errors.ts";
import { findGitHub } from "../../github/context.ts";
import type { ReadRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { makeLimit } from "../../model/limit.ts";
import { parseReference, registryOf } from "../../model/reference.ts";
import { settleAll } from "../../model/settle.ts";
import { idAt, listCommit, modeAt } from "../../source/git/listing.ts";
import type { Repository } from "../../source/git/repository.ts";
import { mostDefinitions, namesImages } from "./definition-files.ts";

/** Text of a file at trunk's commit. */
export interface TrunkFile {
  readonly path: string;
  readonly text: string;
}

/** Reader of trunk for an untrusted run. */
export interface Trunk {
  /** Reads the first of these files that exists in trunk, from git's objects, or by GitHub's API if the clone lacks the commit. */
  readFirst(paths: readonly string[]): Promise<TrunkFile | undefined>;
  /** Registries that trunk's definitions name; empty if the clone lacks the commit. */
  hosts(): Promise<readonly string[]>;
}

/** Host and run with which trunk is read. */
export interface TrunkReader {
  readonly host: Host;
  readonly run: ReadRun;
}

/**
 * Opens trunk at a commit. Throws `repository` if the clone lacks the commit and there is no GitHub repository to read it from,
 * `credentials` or `unavailable` if GitHub gives no answer.
 */
export async function openTrunk(at: TrunkReader, repository: Repository, commit: string): Promise<Trunk> {
  const isHere = await hasCommit(repository, commit);
  return isHere ? localTrunk(repository, commit) : remoteTrunk(at, repository, commit);
}

function localTrunk(repository: Repository, commit: string): Trunk {
  return {
    readFirst: (paths) => readFirst(paths, (path) => readFollowing(repository, commit, path)),
    hosts: async () => {
      const { text, paths, offsets } = await listCommit(repository.git, commit);
      const files = paths.flatMap((path, index) => {
        const offset = offsets[index] ?? 0;
        return namesImages(path) && modeAt(text, offset).startsWith("100") ? [{ path, id: idAt(text, offset) }] : [];
      });
      const read = files.slice(0, mostDefinitions);
      await repository.blobs.fetch(read.map(({ id }) => id));
      // Blobs that are requested together are read by one git process; the limit bounds how many are in memory at once.
      const limit = makeLimit(filesAtOnce);
      const hosts = await settleAll(
        read.map(({ path, id }) =>
          limit(async () => hostsIn(path, new TextDecoder().decode(await repository.blobs.read(id)))),
        ),
      );
      return [...new Set(hosts.flat())].sort();
    },
  };
}

const filesAtOnce = 64;

/**
 * Reads a file of a commit. Follows symbolic links within the commit; throws `repository` for a link that leaves it or leads nowhere.
 * Undefined: there is no such file.
 */
async function readFollowing({ git }: Repository, commit: string, path: string): Promise<string | undefined> {
  const doing = `reading ${path} of trunk (${commit.slice(0, 7)})`;
  if (path.includes("\n")) throw new SlipwayError("usage", `${doing}: a path with a line end in it cannot be read`);
  const output = await git(["cat-file", "--batch", "--follow-symlinks"], { stdin: `${commit}:${path}\n` });
  const lineEnd = output.indexOf(0x0a);
  const content = new TextDecoder().decode(output.subarray(lineEnd + 1, -1));
  const said = new TextDecoder().decode(output.subarray(0, lineEnd));
  // Source: git-cat-file(1), "Batch output".
  if (/ blob \d+$/.test(said)) return content;
  const link = /^(symlink|dangling|loop|notdir) \d+$/.exec(said)?.[1];
  if (link === undefined) return undefined;
  const why = {
    symlink: `leads out of the repository, to "${content}"`,
    dangling: "leads to a file that trunk does not have",
    loop: "leads in a circle",
    notdir: "leads through a file as if it were a folder",
  }[link];
  throw new SlipwayError("repository", `${doing}: its symbolic link ${why ?? "cannot be followed"}`, {
    hint: "in trunk, make it a file, or a link to a file of the repository",
  });
}

/** Registries that a file of trunk names: those of all images in a Dockerfile, and any host before a slash in other definitions. */
export function hostsIn(path: string, text: string): string[] {
  if (!/^(?:(?:docker|container)file(?:\.|$)|.+\.dockerfile$)/i.test(posix.basename(path)))
    return [...text.matchAll(hostInText)].map(([, host = ""]) => host);
  try {
    const { syntax, globalArgs, stages } = parseDockerfile(text, path);
    const args = new Map(globalArgs.map(({ name, value = "" }) => [name, value]));
    const fill = (written: string): string =>
      written.replaceAll(
        /\$(?:\{(\w+)\}|(\w+))/g,
        (_whole, braced: string, bare: string) => args.get(braced ?? bare) ?? "x",
      );
    const references = stages.flatMap(({ base, commands }) => [
      base,
      ...commands.flatMap((command) => {
        if (command.kind === "copy") return command.from ?? [];
        return command.kind === "run" ? command.mounts.flatMap(({ from }) => from ?? []) : [];
      }),
    ]);
    return [...(syntax === undefined ? [] : [syntax]), ...references].flatMap((written) => {
      const reference = parseReference(fill(written));
      return reference === undefined ? [] : [registryOf(reference.name)];
    });
  } catch {
    // An invalid Dockerfile names no registry.
    return [];
  }
}

const hostInText = /(?<![\w.:/@-])((?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?|localhost(?::\d+)?)(?=\/[a-z0-9${])/gi;

/** Status and body of an answer of GitHub's API. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

/** Reads trunk at a commit that the clone lacks, file by file through GitHub's API. Source: https://docs.github.com/rest/repos/contents */
function remoteTrunk({ host, run }: TrunkReader, repository: Repository, commit: string): Trunk {
  const context = findGitHub(run, repository.remote);
  if (context === undefined) {
    throw new SlipwayError(
      "no-such-commit",
      `trunk's commit ${commit} is not in this clone, and its slipway.yaml is needed`,
      {
        hint: `fetch it: git fetch origin ${commit}`,
      },
    );
  }
  const { server, token, repository: at } = context;
  const trunk = `trunk (${commit.slice(0, 7)}) by GitHub's API`;
  const request = async (path: string, doing: string): Promise<Answer> => {
    const headers = {
      accept: "application/vnd.github.raw+json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    };
    const url = `${server.apiUrl}/repos/${at.owner}/${at.name}/${path}`;
    try {
      const answer = await host.fetch(url, { headers, signal: host.signal });
      return { ok: answer.ok, status: answer.status, text: await answer.text() };
    } catch (error) {
      throw new SlipwayError("github-unavailable", `${doing}: no answer`, { hint: fetchHint, cause: error });
    }
  };
  let isSeen: Promise<void> | undefined;
  // GitHub also answers 404 if the token may not see the repository. Only a successful answer for the commit proves that the file is
  // missing.
  const checkSeen = async (): Promise<void> => {
    const doing = `reading the commit of ${trunk}, which has no slipway.yaml or which the token may not read`;
    const { ok, status } = await request(`git/commits/${commit}`, doing);
    if (!ok) throw new SlipwayError(kindOf(status), `${doing}: HTTP ${status}`, { hint: fetchHint });
  };
  const read = async (path: string): Promise<string | undefined> => {
    const doing = `reading ${path} of ${trunk}`;
    const place = path.split("/").map(encodeURIComponent).join("/");
    const response = await request(`contents/${place}?ref=${commit}`, doing);
    if (response.ok) return response.text;
    if (response.status !== 404) {
      throw new SlipwayError(kindOf(response.status), `${doing}: HTTP ${response.status}`, { hint: fetchHint });
    }
    isSeen ??= checkSeen();
    await isSeen;
    return undefined;
  };
  return {
    readFirst: (paths) => readFirst(paths, read),
    hosts: () => Promise.resolve([]),
  };
}

function kindOf(status: number): "github-denied" | "github-unavailable" {
  return [401, 403, 404].includes(status) ? "github-denied" : "github-unavailable";
}

async function readFirst(
  paths: readonly string[],
  read: (path: string) => Promise<string | undefined>,
): Promise<TrunkFile | undefined> {
  for (const path of paths) {
    const text = await read(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

const fetchHint = "fetch trunk's commit into the clone, or give a token that may read the repository (GITHUB_TOKEN)";

/** Whether the clone has a commit. Prevents a partial clone from fetching it. */
async function hasCommit({ git }: Repository, commit: string): Promise<boolean> {
  try {
    await git(["cat-file", "-e", `${commit}^{commit}`], { env: { GIT_NO_LAZY_FETCH: "1" } });
    return true;
  } catch (error) {
    if (hasKind(error, "git-failed")) return false;
    throw error;
  }
}
