import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";

const facts = inject("sandbox");

/** Whether an engine can be had; tests that need one are skipped without. */
export const hasEngine = facts !== null;

/** Engine and registry that tests run on. */
export function sandbox(): NonNullable<typeof facts> {
  if (facts === null) throw new Error("there is no engine: the test should have been skipped");
  return facts;
}

/** Result of one run of the program. */
export interface Ran {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON document on stdout. */
  json(): unknown;
}

export interface RunningSlipway {
  readonly pid: number;
  readonly ended: Promise<Ran>;
  kill(signal: NodeJS.Signals): void;
  /** Sends SIGINT to all processes of the group, as a terminal does. Needs `ownGroup`. */
  pressCtrlC(): void;
  /** Resolves when stderr matches. Rejects when it ends before. */
  saw(pattern: RegExp): Promise<void>;
}

export interface RunOptions {
  /** Added to the environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In a process group of its own, as a shell starts a job. */
  readonly ownGroup?: boolean;
  /** Such as `002`. Default: this process's. */
  readonly umask?: string;
}

/** A git repository of its own, whose images have a name prefix of their own. */
export interface Repo {
  readonly folder: string;
  /** Before every image name: `127.0.0.1:PORT/NAME`, by the way that slipway goes. */
  readonly prefix: string;
  /** The program, with what the sandbox needs in its environment. */
  slipway(...args: string[]): Promise<Ran>;
  start(args: readonly string[], options?: RunOptions): RunningSlipway;
  /** Writes files (null: removes) and commits all. Returns the commit's id. */
  commit(files: Files, message?: string): Promise<string>;
  write(files: Files): Promise<void>;
  git(...args: string[]): Promise<string>;
  /** Another working copy; its images are the same. `args` are those of `git clone`. */
  clone(name: string, ...args: string[]): Promise<Repo>;
  /** An image's name by the direct way to the registry, whatever stands in front of it. */
  image(service: string): string;
  /** The digest that a tag of a service is at, as the registry says; undefined: it is not there. */
  digest(service: string, tag: string): Promise<string | undefined>;
  /** All tags of a service that people see: no fingerprints, builds and caches. */
  visibleTags(service: string): Promise<string[]>;
  /** Every tag of every image name, with its digest: what changed shows by comparing two. */
  listing(): Promise<Readonly<Record<string, string | undefined>>>;
  remove(): Promise<void>;
}

/** File contents by path; null: there is no such file. */
export type Files = Readonly<Record<string, string | null>>;

export interface RepoOptions {
  /** By the way of which images are named: a gate. Default: the registry. */
  readonly by?: string;
  /** Where the images are, asked directly. Default: the sandbox's registry. */
  readonly registry?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `slipway.yaml` without its `images`; `PREFIX` stands for the prefix. */
  readonly config?: string;
}

let count = 0;

/** Makes a repository with these files and one commit. */
export async function makeRepo(files: Files, options: RepoOptions = {}): Promise<Repo> {
  const base = await mkdtemp(join(tmpdir(), "slipway-e2e-"));
  const folder = join(base, "repo");
  count += 1;
  const name = `e2e${process.pid}x${count}`;
  const registry = options.registry ?? sandbox().registry;
  const prefix = `${options.by ?? registry}/${name}`;
  await mkdir(folder);
  const repo = openRepo({ base, folder, prefix, direct: `${registry}/${name}`, env: options.env ?? {} });
  await repo.git("init", "--quiet", "--initial-branch=main");
  const config = `${/^images:/m.test(options.config ?? "") ? "" : `images: "${prefix}/{service}"\n`}${options.config ?? ""}`;
  await repo.commit({ "slipway.yaml": config.replaceAll("PREFIX", prefix), ...files }, "feat: begin");
  return repo;
}

interface Opened {
  readonly base: string;
  readonly folder: string;
  readonly prefix: string;
  readonly direct: string;
  readonly env: Readonly<Record<string, string>>;
}

function openRepo(opened: Opened): Repo {
  const { base, folder, prefix, direct } = opened;
  const env = { ...environment(), ...opened.env };
  const git = (...args: string[]): Promise<string> => runGit(folder, args);
  const start: Repo["start"] = (args, more = {}) => startSlipway(args, { ...env, ...more.env }, folder, more);
  const write = async (files: Files): Promise<void> => {
    for (const [path, content] of Object.entries(files)) await writeOrRemove(join(folder, path), content);
  };
  return {
    folder,
    prefix,
    slipway: (...args) => start(args).ended,
    start,
    write,
    commit: async (files, message = "fix: change") => {
      await write(files);
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "--message", message);
      return (await git("rev-parse", "HEAD")).trim();
    },
    git,
    clone: async (name, ...args) => {
      const to = join(base, name);
      await runGit(base, ["clone", "--quiet", ...args, `file://${folder}`, to]);
      return openRepo({ ...opened, folder: to });
    },
    image: (service) => `${direct}/${service}`,
    digest: (service, tag) => headDigest(`${direct}/${service}`, tag),
    visibleTags: async (service) =>
      (await listTags(`${direct}/${service}`)).filter((tag) => !/^(fp|build|cache)-/.test(tag)),
    listing: () => listEverything(direct),
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

async function writeOrRemove(file: string, content: string | null): Promise<void> {
  if (content === null) return rm(file, { recursive: true, force: true });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** Git without the person's own settings. */
async function runGit(cwd: string, args: readonly string[]): Promise<string> {
  const who = ["-c", "user.name=Ada Chandler", "-c", "user.email=ada@shop.example", "-c", "commit.gpgsign=false"];
  const env = { ...cleanEnvironment(), GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };
  return (await promisify(execFile)("git", [...who, ...args], { cwd, env })).stdout;
}

/** Environment of the program: the sandbox's variables, and none that describes the run of the tests. */
export function environment(): Record<string, string> {
  return { ...cleanEnvironment(), ...sandbox().env };
}

/** This process's environment without what would make a run look like CI or colour its output. */
function cleanEnvironment(): Record<string, string> {
  const left = ["CI", "FORCE_COLOR", "NO_COLOR", "VITEST", "NODE_ENV"];
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !left.includes(entry[0]) && !/^(GITHUB_|ACTIONS_|GIT_)/.test(entry[0]),
  );
  return { ...Object.fromEntries(entries), NO_COLOR: "1" };
}

/** Runs the program itself. */
export function startSlipway(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  { ownGroup = false, umask }: Pick<RunOptions, "ownGroup" | "umask"> = {},
): RunningSlipway {
  const command = [process.execPath, facts?.program ?? "", ...args];
  const [program = "", ...rest] =
    umask === undefined ? command : ["/bin/sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...command];
  const child = spawn(program, rest, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: ownGroup,
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<Ran>((done, fail) => {
    child.on("error", fail);
    child.on("close", (exitCode, signal) => done({ exitCode, signal, stdout, stderr, json: () => JSON.parse(stdout) }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => void child.kill(signal),
    pressCtrlC: () => void (child.pid !== undefined && ownGroup && process.kill(-child.pid, "SIGINT")),
    saw: (pattern) =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (!pattern.test(stderr)) return;
          watchers.delete(look);
          done();
        };
        watchers.add(look);
        look();
        void ended.then(() => fail(new Error(`it ended before it said ${pattern}:\n${stderr}`)));
      }),
  };
}

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Asked with bare HTTP, so that a test does not believe the client it tests. */
export async function headDigest(image: string, reference: string): Promise<string | undefined> {
  const response = await fetch(urlOf(image, `manifests/${reference}`), { method: "HEAD", headers: { accept } });
  return response.ok ? (response.headers.get("docker-content-digest") ?? undefined) : undefined;
}

/** A manifest or blob: `path` is `manifests/TAG` or `blobs/DIGEST`. */
export async function getBytes(image: string, path: string): Promise<Buffer> {
  const response = await fetch(urlOf(image, path), { headers: { accept } });
  if (!response.ok) throw new Error(`${image} ${path}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

export async function getText(image: string, path: string): Promise<string> {
  return (await getBytes(image, path)).toString("utf8");
}

/** Sorted; none when the registry does not know the name. */
export async function listTags(image: string): Promise<string[]> {
  const response = await fetch(urlOf(image, "tags/list"));
  if (!response.ok) return [];
  const body = (await response.json()) as { tags: string[] | null };
  return (body.tags ?? []).sort();
}

/** All tags under a prefix, as `NAME:TAG`. */
async function listEverything(prefix: string): Promise<Record<string, string | undefined>> {
  const [host = "", path = ""] = prefix.split("/");
  const { repositories } = (await (await fetch(`http://${host}/v2/_catalog?n=1000`)).json()) as {
    repositories: string[];
  };
  const names = repositories.filter((name) => name.startsWith(`${path}/`)).map((name) => `${host}/${name}`);
  const tags = await Promise.all(
    names.map(async (name) =>
      Promise.all((await listTags(name)).map(async (tag) => [`${name}:${tag}`, await headDigest(name, tag)] as const)),
    ),
  );
  return Object.fromEntries(tags.flat());
}

export async function deleteManifest(image: string, digest: string): Promise<void> {
  const response = await fetch(urlOf(image, `manifests/${digest}`), { method: "DELETE" });
  if (response.status !== 202) throw new Error(`deleting ${image}@${digest}: ${response.status}`);
}

function urlOf(image: string, path: string): string {
  const slash = image.indexOf("/");
  return `http://${image.slice(0, slash)}/v2/${image.slice(slash + 1)}/${path}`;
}
