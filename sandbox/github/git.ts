import { spawn } from "node:child_process";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { existsSync } from "node:fs";
import { run } from "../processes.ts";
import { type GitHubAnswer, type GitHubRequest, answer } from "./message.ts";

/** A git repository on this machine: a bare one, or a working tree. */
export interface GitFolder {
  /** The commit that a revision names. */
  commitOf(revision: string): Promise<string | undefined>;
  /** Object that a revision names, without peeling: an annotated tag stays a tag. */
  objectOf(revision: string): Promise<GitObject | undefined>;
  /** An annotated tag. */
  annotatedTag(sha: string): Promise<AnnotatedTag | undefined>;
  makeTag(name: string, commit: string): Promise<void>;
  /** Smart HTTP, partial clones included; https://git-scm.com/docs/git-http-backend */
  answer(request: GitHubRequest, path: string): Promise<GitHubAnswer>;
}

interface GitObject {
  readonly type: string;
  readonly sha: string;
}

interface AnnotatedTag {
  readonly tag: string;
  readonly message: string;
  readonly tagger: { readonly name: string; readonly email: string; readonly date: string };
  /** What it is of. */
  readonly object: GitObject;
}

const settings = {
  "uploadpack.allowFilter": "true",
  "uploadpack.allowAnySHA1InWant": "true",
  "http.receivepack": "true",
  "receive.denyCurrentBranch": "ignore",
  "safe.directory": "*",
};

export function openGitFolder(folder: string): GitFolder {
  const gitFolder = existsSync(join(folder, ".git")) ? join(folder, ".git") : folder;
  const git = (...args: string[]) => run("git", ["--git-dir", gitFolder, ...args]);
  const objectOf = async (revision: string): Promise<GitObject | undefined> => {
    const found = await git("rev-parse", "--verify", "--quiet", "--end-of-options", revision);
    const sha = found.stdout.trim();
    return found.exitCode === 0 ? { sha, type: (await git("cat-file", "-t", sha)).stdout.trim() } : undefined;
  };
  return {
    async commitOf(revision) {
      const found = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
      return found.exitCode === 0 ? found.stdout.trim() : undefined;
    },
    objectOf,
    async annotatedTag(sha) {
      const { exitCode, stdout } = await git("cat-file", "tag", sha);
      if (exitCode !== 0) return undefined;
      const [head = "", ...message] = stdout.split("\n\n");
      const [, of = "", type = "", tag = "", name = "", email = "", seconds = "0"] =
        /^object (\w+)\ntype (\w+)\ntag (.+)\ntagger (.*) <(.*)> (\d+)/.exec(head) ?? [];
      const tagger = { name, email, date: new Date(Number(seconds) * 1000).toISOString() };
      return { tag, message: message.join("\n\n"), tagger, object: { type, sha: of } };
    },
    async makeTag(name, commit) {
      await git("update-ref", `refs/tags/${name}`, commit);
    },
    answer: (request, path) => runBackend(gitFolder, request, path),
  };
}

/** The rest of a git path under a repository's address; undefined: it is not one. */
export function gitPathIn(path: string, repository: string): string | undefined {
  for (const root of [`/${repository}.git`, `/${repository}`]) {
    const rest = path.startsWith(`${root}/`) ? path.slice(root.length) : "";
    if (/^\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/.test(rest)) return rest;
  }
  return undefined;
}

async function runBackend(gitFolder: string, request: GitHubRequest, path: string): Promise<GitHubAnswer> {
  const names = Object.entries(settings);
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: gitFolder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: String(names.length),
      ...Object.fromEntries(
        names.flatMap(([name, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, name],
          [`GIT_CONFIG_VALUE_${index}`, value],
        ]),
      ),
      PATH_INFO: path,
      QUERY_STRING: request.url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(request.body.length),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: request.headers["git-protocol"] ?? "",
      REMOTE_USER: "x-access-token",
    },
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(request.body);
  const body = new PassThrough();
  let head = Buffer.alloc(0);
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    head = Buffer.concat([head, part as Buffer]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) continue;
    body.write(head.subarray(end + 4));
    child.stdout.pipe(body);
    body.once("close", () => child.kill());
    return withHeaders(head.subarray(0, end).toString("latin1"), body);
  }
  return answer(500, {}, "git http-backend gave no answer");
}

/** CGI: headers, the status among them. */
function withHeaders(text: string, body: PassThrough): GitHubAnswer {
  const lines = text.split("\r\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const status = Number.parseInt(lines.find(([name]) => name === "status")?.[1] ?? "200", 10);
  return answer(status, Object.fromEntries(lines.filter(([name]) => name !== "status")), body);
}
