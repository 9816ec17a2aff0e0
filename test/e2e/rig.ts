import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inject } from "vitest";
import { makeShop, type Shop } from "../../sandbox/index.ts";

const facts = inject("sandbox");

/** Whether an engine can be had; tests that need one are skipped without. */
export const hasEngine = facts !== null;

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
  /** Resolves when a line of stderr matches. Rejects when it ends before. */
  saw(pattern: RegExp): Promise<void>;
}

/** A shop of its own, under an image name of its own, and the real program run in it. */
export interface Rig {
  readonly folder: string;
  readonly shop: Shop;
  readonly registry: string;
  readonly env: Record<string, string>;
  slipway(...args: string[]): Promise<Ran>;
  start(args: readonly string[], options?: { env?: Record<string, string | undefined>; cwd?: string }): RunningSlipway;
  /** The digest a tag of a service is at, as the registry answers; undefined: it is not there. */
  digest(service: string, tag: string): Promise<string | undefined>;
  /** Every tag of a service. */
  tags(service: string): Promise<string[]>;
  remove(): Promise<void>;
}

let count = 0;

/** `registry`: another one than the sandbox's. */
export async function makeRig(options: { registry?: string; env?: Record<string, string> } = {}): Promise<Rig> {
  if (facts === null) throw new Error("there is no engine: the test should have been skipped");
  const base = await mkdtemp(join(tmpdir(), "slipway-e2e-"));
  const folder = join(base, "shop");
  count += 1;
  const registry = `${options.registry ?? facts.registry}/r${process.pid}x${count}`;
  const shop = await makeShop(folder, { registry });
  const env = { ...cleanEnvironment(), ...facts.env, ...options.env };
  const start: Rig["start"] = (args, more = {}) => startSlipway(args, { ...env, ...more.env }, more.cwd ?? folder);
  return {
    folder,
    shop,
    registry,
    env,
    slipway: (...args) => start(args).ended,
    start,
    digest: (service, tag) => headDigest(shop.image(service as Parameters<Shop["image"]>[0]), tag),
    tags: (service) => listTags(shop.image(service as Parameters<Shop["image"]>[0])),
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

/** This process's environment without what would make a run look like CI or colour its output. */
function cleanEnvironment(): Record<string, string> {
  const left = ["CI", "FORCE_COLOR", "NO_COLOR", "VITEST", "NODE_ENV"];
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !left.includes(entry[0]) && !entry[0].startsWith("GITHUB_"),
  );
  return { ...Object.fromEntries(entries), NO_COLOR: "1" };
}

const main = resolve(import.meta.dirname, "../../src/cli/main.ts");
const tsx = resolve(import.meta.dirname, "../../node_modules/tsx/dist/loader.mjs");

/** Runs the program itself, from its source. */
export function startSlipway(
  args: readonly string[],
  env: Record<string, string | undefined>,
  cwd: string,
): RunningSlipway {
  const child = spawn(process.execPath, ["--import", tsx, main, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
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
  const { host, path } = split(image);
  const response = await fetch(`http://${host}/v2/${path}/manifests/${reference}`, {
    method: "HEAD",
    headers: { accept },
  });
  return response.ok ? (response.headers.get("docker-content-digest") ?? undefined) : undefined;
}

export async function listTags(image: string): Promise<string[]> {
  const { host, path } = split(image);
  const response = await fetch(`http://${host}/v2/${path}/tags/list`);
  if (!response.ok) return [];
  const body = (await response.json()) as { tags: string[] | null };
  return (body.tags ?? []).sort();
}

function split(image: string): { host: string; path: string } {
  const slash = image.indexOf("/");
  return { host: image.slice(0, slash), path: image.slice(slash + 1) };
}
