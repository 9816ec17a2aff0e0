import { parseDockerfile } from "../dockerfile/parse.ts";
import { SlipwayError } from "../errors.ts";
import { readGitHubContext } from "../github/context.ts";
import type { Host } from "../host.ts";
import { parseReference, registryOf } from "../model/reference.ts";
import type { Repository } from "../source/repository.ts";

/** Text of a file at trunk's commit. */
export interface TrunkFile {
  readonly path: string;
  readonly text: string;
}

/** What an untrusted run takes from trunk. */
export interface Trunk {
  /** The first of these files that trunk has: from git's objects, or by GitHub's API where the clone has not got the commit. */
  readFirst(paths: readonly string[]): Promise<TrunkFile | undefined>;
  /** Registries that its definitions name, as far as the clone has them. */
  hosts(): Promise<readonly string[]>;
}

/**
 * Reads trunk at a commit. Throws `repository` when the clone lacks the commit and there is no GitHub repository to ask, `credentials` or
 * `unavailable` when GitHub gives no answer.
 */
export async function openTrunk(host: Host, repository: Repository, commit: string): Promise<Trunk> {
  const isHere = await ask(repository, ["cat-file", "-e", `${commit}^{commit}`]);
  return isHere === undefined ? remoteTrunk(host, repository, commit) : localTrunk(repository, commit);
}

function localTrunk(repository: Repository, commit: string): Trunk {
  const show = (path: string): Promise<string | undefined> => readBlob(repository, `${commit}:${path}`);
  return {
    readFirst: (paths) => readFirst(paths, show),
    hosts: async () => {
      const listed = (await ask(repository, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit])) ?? "";
      const paths = listed.split("\0").filter((path) => definition.test(path));
      const texts = await Promise.all(paths.slice(0, mostFiles).map(async (path) => [path, await show(path)] as const));
      return [...new Set(texts.flatMap(([path, text]) => (text === undefined ? [] : hostsIn(path, text))))].sort();
    },
  };
}

const definition =
  /(?:^|\/)(?:(?:docker|container)file(?:\.[^/]+)?|[^/]+\.dockerfile)$|^(?:slipway|(?:docker-)?compose[^/]*|skaffold[^/]*)\.ya?ml$|^docker-bake[^/]*$/i;
const mostFiles = 2000;

/** Registries that a file of trunk names: of images in a Dockerfile, of anything in the other definitions. */
export function hostsIn(path: string, text: string): string[] {
  if (!/file(?:\.[^/]+)?$/i.test(path)) return [...text.matchAll(hostInText)].map(([, host = ""]) => host);
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
    // A file that does not parse names nothing.
    return [];
  }
}

const hostInText = /(?<![\w.:/@-])((?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?|localhost(?::\d+)?)(?=\/[a-z0-9${])/gi;

/** Trunk at a commit that the clone lacks. GitHub's API gives its files one by one. https://docs.github.com/rest/repos/contents */
function remoteTrunk(host: Host, repository: Repository, commit: string): Trunk {
  const context = readGitHubContext(host.env, repository.remote);
  if (context === undefined) {
    throw new SlipwayError("repository", `trunk's commit ${commit} is not in this clone, and its slipway.yaml counts`, {
      hint: `fetch it: git fetch origin ${commit}`,
    });
  }
  const { apiUrl, token, repository: at } = context;
  const trunk = `trunk (${commit.slice(0, 7)}) by GitHub's API`;
  const request = async (path: string, doing: string): Promise<Response> => {
    const headers = {
      accept: "application/vnd.github.raw+json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const url = `${apiUrl}/repos/${at.owner}/${at.name}/${path}`;
    return host.fetch(url, { headers, signal: host.signal }).catch((error: unknown) => {
      throw new SlipwayError("unavailable", `${doing}: no answer`, { hint: fetchHint, cause: error });
    });
  };
  let isSeen: Promise<void> | undefined;
  // GitHub answers 404 also to whoever may not see the repository: that a file is not there is told only by an answer on its commit.
  const checkSeen = async (): Promise<void> => {
    const doing = `reading the commit of ${trunk}, which has no slipway.yaml or may not be seen`;
    const { ok, status } = await request(`git/commits/${commit}`, doing);
    if (!ok) throw new SlipwayError(codeOf(status), `${doing}: HTTP ${status}`, { hint: fetchHint });
  };
  const read = async (path: string): Promise<string | undefined> => {
    const doing = `reading ${path} of ${trunk}`;
    const place = path.split("/").map(encodeURIComponent).join("/");
    const response = await request(`contents/${place}?ref=${commit}`, doing);
    if (response.ok) return response.text();
    if (response.status !== 404) {
      throw new SlipwayError(codeOf(response.status), `${doing}: HTTP ${response.status}`, { hint: fetchHint });
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

function codeOf(status: number): "credentials" | "unavailable" {
  return [401, 403, 404].includes(status) ? "credentials" : "unavailable";
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

async function readBlob(repository: Repository, revision: string): Promise<string | undefined> {
  const type = await ask(repository, ["cat-file", "-t", revision]);
  return type?.trim() === "blob" ? ask(repository, ["cat-file", "blob", revision]) : undefined;
}

/** Runs git; undefined when the command fails. Looking for a commit (`cat-file -e`) makes a partial clone fetch nothing. */
async function ask({ git }: Repository, args: readonly string[]): Promise<string | undefined> {
  const env = args[1] === "-e" ? { GIT_NO_LAZY_FETCH: "1" } : {};
  try {
    return new TextDecoder().decode(await git(args, { env }));
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "repository") return undefined;
    throw error;
  }
}
