import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startRegistry } from "../../sandbox/index.ts";
import { mustRun } from "../../sandbox/processes.ts";
import { type Gate, openGate } from "../../test/e2e/gate.ts";
import { copyData } from "../ground.ts";
import { cleanEnvironment } from "../program.ts";
import { observe, type Observed, readRecord } from "./observed.ts";

/** Result of one run of the program. `exitCode` is null when a signal ended it. */
export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ran>;
  kill(this: void): void;
}

/** A registry of its own with a gate in front of it, and a repository that releases through the gate. */
export interface Lane {
  readonly gate: Gate;
  /** The repository's folder. */
  readonly folder: string;
  /** Runs the program in a working copy. Default: in the repository. */
  start(args: readonly string[], folder?: string): Running;
  /** Writes files into a working copy and commits them. Returns the commit. */
  commit(files: Readonly<Record<string, string>>, folder?: string): Promise<string>;
  /** Checks a commit out. */
  checkOut(commit: string): Promise<void>;
  /** A further working copy, of the repository or of another copy. */
  copy(name: string, from?: string): string;
  observe(): Promise<Observed>;
  /** The digests that the record of a version names; undefined: there is none. */
  record(version: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Keeps what the registry holds now, or puts it back. */
  save(state: string): Promise<void>;
  restore(state: string): Promise<void>;
  close(): Promise<void>;
}

export interface LaneOptions {
  /** A folder for everything that the lane makes. */
  readonly folder: string;
  /** The program's `main.js`. */
  readonly program: string;
  /** How the engine is reached. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** `shop` starts from `core`. Two are enough: every further one makes the same requests again. */
export const services = ["core", "shop"] as const;

const prefix = "trial";

const dockerfiles: Readonly<Record<string, string>> = {
  "shop/Dockerfile": "FROM core\nCOPY a.txt /shop.txt\n",
  "core/Dockerfile": "FROM scratch\nCOPY a.txt /\n",
};

/** The file that each service copies, for one state of the repository. */
export function contents(text: string, changed: readonly string[] = services): Record<string, string> {
  return Object.fromEntries(changed.map((service) => [`${service}/a.txt`, `${service} ${text}\n`]));
}

/** Opens a lane; nothing is released yet. */
export async function openLane(options: LaneOptions): Promise<Lane> {
  const { folder, signal } = options;
  const registry = await startRegistry({ dir: join(folder, "registry"), signal });
  const gate = await openGate(registry.host);
  const repository = join(folder, "repository");
  const data = join(registry.dir, "data");
  const stateOf = (state: string): string => join(folder, "states", state);
  const names = [...services, "releases"];
  const commit: Lane["commit"] = async (files, at = repository) => {
    writeFiles(at, files);
    await git(at, "add", "--all");
    await git(at, "commit", "--quiet", "--allow-empty", "--message", "fix: change");
    return (await git(at, "rev-parse", "HEAD")).trim();
  };
  writeFiles(repository, {
    ...dockerfiles,
    "slipway.yaml": `images: "${gate.host}/${prefix}/{service}"\nservices:\n  shop:\n    contexts: { core: "service:core" }\n`,
  });
  await git(repository, "init", "--quiet", "--initial-branch=main");
  await commit(contents("0"));
  return {
    gate,
    folder: repository,
    start: (args, at = repository) => startProgram(options, args, at),
    commit,
    checkOut: async (id) => void (await git(repository, "checkout", "--quiet", "--force", "-B", "main", id)),
    copy: (name, from = repository) => {
      const to = join(folder, name);
      rmSync(to, { recursive: true, force: true });
      cpSync(from, to, { recursive: true, preserveTimestamps: true });
      return to;
    },
    observe: () => observe(registry.host, prefix, names),
    record: (version) => readRecord(registry.host, `${prefix}/releases`, version),
    save: async (state) => {
      await registry.stop();
      rmSync(stateOf(state), { recursive: true, force: true });
      copyData(data, stateOf(state));
      await registry.start();
    },
    restore: async (state) => {
      await registry.stop();
      rmSync(data, { recursive: true, force: true });
      copyData(stateOf(state), data);
      await registry.start();
    },
    close: async () => {
      await gate.close();
      await registry.stop();
    },
  };
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const who = ["-c", "user.name=Ada Chandler", "-c", "user.email=ada@shop.example", "-c", "commit.gpgsign=false"];
  const env = { ...cleanEnvironment(), GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  return mustRun("preparing a repository", "git", [...who, ...args], { cwd, env });
}

function startProgram(options: LaneOptions, args: readonly string[], cwd: string): Running {
  const env = { ...cleanEnvironment(), ...options.env, CI: "true" };
  const child = spawn(process.execPath, [options.program, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    // Docker's processes may live on after a kill and hold the streams open.
    child.once("exit", (exitCode) => {
      if (exitCode === null) resolve({ exitCode, ...text });
    });
    child.once("close", (exitCode) => resolve({ exitCode, ...text }));
  });
  return { ended, kill: () => void child.kill("SIGKILL") };
}
