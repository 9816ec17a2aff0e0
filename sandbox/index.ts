import { setMaxListeners } from "node:events";
import { existsSync, linkSync, mkdirSync, readdirSync, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBases } from "./bases.ts";
import { freshBuilder, lookForDocker, removeBuilder } from "./docker-there.ts";
import { removeBridge, removeEngine, startEngine } from "./engine.ts";
import { ensureTools, whyNoPackages, type Log } from "./packages.ts";
import { endProcess, isAlive, ownProcess } from "./processes.ts";
import { removeContainer, startRegistry, startRegistryContainer } from "./registry.ts";
import {
  instanceFolder,
  isOwned,
  isUp,
  newInstanceName,
  readInstance,
  readInstances,
  socketFolder,
  withLock,
  writeInstance,
  type Instance,
} from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

export { startGhaCache, type GhaCache } from "./gha-cache.ts";
export { startRegistry, type RegistryOptions, type RegistryServer } from "./registry.ts";
export { makeShop, openShop, shopServices, type Shop, type ShopService } from "./shop.ts";
export { SandboxUnavailable } from "./unavailable.ts";

/** An engine, a registry that images go to, and a mirror that base images come from. */
export interface Sandbox {
  readonly name: string;
  /** `127.0.0.1:PORT`. */
  readonly registry: string;
  /** Base URL of what answers for docker.io: `http://127.0.0.1:PORT`. */
  readonly mirror: string;
  /** What a process needs to use it, beside its own environment. */
  readonly env: Record<string, string>;
  /** Ends what this call started, and removes its data; what was up already stays. */
  close(): Promise<void>;
}

export interface SandboxOptions {
  readonly log?: Log;
  /** An empty one of its own, whatever is up. */
  readonly fresh?: boolean;
  /** It outlives this process, until `sandbox down`. */
  readonly keep?: boolean;
  /** Default: a new name. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** The name of the sandbox that `sandbox up` starts. */
export const mainName = "main";

/**
 * Joins the sandbox that is up, or starts one. Leftovers of runs that died are cleaned up first.
 * @throws SandboxUnavailable where no engine can be had.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  if (options.signal) setMaxListeners(0, options.signal);
  await removeOrphans();
  const there = readInstance(options.name ?? mainName);
  if (options.fresh !== true && there?.owner === undefined && there && isUp(there))
    return asSandbox(there, async () => undefined);
  const name = options.name ?? newInstanceName("s");
  const owner = options.keep === true ? undefined : ownProcess();
  const open = openInstance(name, owner, options);
  try {
    await open.start();
  } catch (error) {
    await removeInstance(name);
    options.signal?.throwIfAborted();
    throw error;
  }
  const instance = readInstance(name);
  if (!instance) throw new Error(`starting a sandbox: the record of ${name} is gone`);
  return asSandbox(instance, () => removeInstance(name));
}

/** A further, empty engine beside the sandbox's own: what a fresh CI runner is. It pushes to the same registry. */
export async function startRunner(
  sandbox: Pick<Sandbox, "mirror" | "env" | "registry">,
  name: string,
  options: { keep?: boolean; signal?: AbortSignal } = {},
): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const instanceName = `runner-${name}`;
  await removeInstance(instanceName);
  const owner = options.keep === true ? undefined : ownProcess();
  const record = recorder({ name: instanceName, owner, kind: whyNoPackages() === undefined ? "own" : "docker" });
  try {
    const env = await startRunnerEngine(sandbox, instanceName, record, options);
    record({ ready: { registry: sandbox.registry, mirror: sandbox.mirror, env: { ...sandbox.env, ...env } } });
    return { env: { ...sandbox.env, ...env }, close: () => removeInstance(instanceName) };
  } catch (error) {
    await removeInstance(instanceName);
    throw error;
  }
}

/** Ends sandboxes and runners and removes their data; those that a running process owns only when named. Returns what stays. */
export async function stopSandboxes(names: "all" | readonly string[] = "all"): Promise<readonly string[]> {
  const chosen = readInstances().filter((each) => (names === "all" ? !isOwned(each) : names.includes(each.name)));
  for (const instance of chosen) await removeInstance(instance.name);
  return readInstances().map((each) => each.name);
}

/** The sandbox to use from outside: the named one, else `main`, else the only one kept. */
export function findSandbox(name?: string): Instance | undefined {
  if (name !== undefined) return readInstance(name);
  const kept = readInstances().filter((each) => each.ready && isUp(each) && !each.name.startsWith("runner-"));
  return kept.find((each) => each.name === mainName) ?? (kept.length === 1 ? kept[0] : undefined);
}

type Recorder = (change: Partial<Instance> | ((now: Instance) => Partial<Instance>)) => void;

function recorder(start: Pick<Instance, "name" | "owner" | "kind">): Recorder {
  let instance: Instance = { ...start, processes: [], bridges: [], containers: [], builders: [], ready: undefined };
  writeInstance(instance);
  return (change) => {
    instance = { ...instance, ...(typeof change === "function" ? change(instance) : change) };
    writeInstance(instance);
  };
}

function openInstance(name: string, owner: Instance["owner"], options: SandboxOptions) {
  const log = options.log ?? (() => undefined);
  const start = async () => {
    const docker = await lookForDocker(log);
    const record = recorder({ name, owner, kind: docker.use ? "docker" : "own" });
    if (docker.use) return startBesideDocker(name, docker, record, options);
    const missing = whyNoPackages();
    if (missing !== undefined) {
      throw new SandboxUnavailable(
        `No Docker Engine can be used (${docker.because}), and none can be brought up from packages: ${missing}.\n` +
          "Start Docker with buildx and access to Docker Hub, or run this as root on Debian 12 or newer.",
      );
    }
    log(`bringing up an engine from packages (${docker.because})`);
    return startOwn(name, record, options);
  };
  return { start };
}

async function startOwn(name: string, record: Recorder, options: SandboxOptions): Promise<void> {
  const { signal } = options;
  const log = options.log ?? (() => undefined);
  const folder = instanceFolder(name);
  const keep = options.keep === true;
  const tools = await ensureTools(log, signal);
  const bases = await ensureBases(log, signal);
  copyRegistryData(bases, join(folder, "mirror", "data"));
  const servers = await Promise.all(
    ["registry", "mirror"].map(async (part) => {
      const server = await startRegistry({ dir: join(folder, part), keep, log, signal });
      const { process } = server;
      if (process) record((now) => ({ processes: [...now.processes, { ...process, what: part }] }));
      return server.host;
    }),
  );
  const [registry = "", mirrorHost = ""] = servers;
  const mirror = `http://${mirrorHost}`;
  const engine = await startEngine({
    tools,
    folder,
    sockets: socketFolder(name),
    mirror,
    keep,
    onStarted: (started) =>
      record((now) => ({ processes: [...now.processes, started.process], bridges: [...now.bridges, started.bridge] })),
    signal,
  });
  const env = { ...engine.env, SLIPWAY_REGISTRY: registry, SLIPWAY_REGISTRY_MIRRORS: `docker.io=${mirror}` };
  record({ ready: { registry, mirror, env } });
}

async function startBesideDocker(
  name: string,
  docker: { mirror: string | undefined; env: Record<string, string>; needsBuilder: boolean },
  record: Recorder,
  options: SandboxOptions,
): Promise<void> {
  const log = options.log ?? (() => undefined);
  log("using the Docker that is there");
  let registry: string;
  if (whyNoPackages() === undefined) {
    const server = await startRegistry({
      dir: join(instanceFolder(name), "registry"),
      keep: options.keep === true,
      log,
      signal: options.signal,
    });
    const { process } = server;
    if (process) record((now) => ({ processes: [...now.processes, process] }));
    registry = server.host;
  } else {
    const container = `slipway-${name}-registry`;
    record({ containers: [container] });
    registry = (await startRegistryContainer(container, { ...process.env, ...docker.env }, options.signal)).host;
  }
  const builder = docker.needsBuilder
    ? await freshBuilder(`slipway-${name}`, { ...process.env, ...docker.env })
    : undefined;
  if (builder) record({ builders: [builder] });
  const mirror = docker.mirror ?? "https://registry-1.docker.io";
  const env = {
    ...docker.env,
    SLIPWAY_REGISTRY: registry,
    ...(docker.mirror === undefined ? {} : { SLIPWAY_REGISTRY_MIRRORS: `docker.io=${docker.mirror}` }),
    ...(builder === undefined ? {} : { BUILDX_BUILDER: builder }),
  };
  record({ ready: { registry, mirror, env } });
}

async function startRunnerEngine(
  sandbox: Pick<Sandbox, "mirror" | "env">,
  name: string,
  record: Recorder,
  options: { keep?: boolean; signal?: AbortSignal },
): Promise<Record<string, string>> {
  if (whyNoPackages() !== undefined) {
    const builder = await freshBuilder(`slipway-${name}`, { ...process.env, ...sandbox.env });
    record({ builders: [builder] });
    return { BUILDX_BUILDER: builder };
  }
  const engine = await startEngine({
    tools: await ensureTools(() => undefined, options.signal),
    folder: instanceFolder(name),
    sockets: socketFolder(name),
    mirror: sandbox.mirror,
    keep: options.keep === true,
    onStarted: (started) => record({ processes: [started.process], bridges: [started.bridge] }),
    signal: options.signal,
  });
  return engine.env;
}

function asSandbox(instance: Instance, close: () => Promise<void>): Sandbox {
  if (!instance.ready) throw new Error(`using the sandbox ${instance.name}: it is not up`);
  return { name: instance.name, ...instance.ready, close };
}

async function removeOrphans(): Promise<void> {
  for (const instance of readInstances()) {
    const orphaned = instance.owner !== undefined && !isAlive(instance.owner);
    const broken = instance.owner === undefined && instance.ready !== undefined && !isUp(instance);
    if (orphaned || broken) await removeInstance(instance.name);
  }
}

async function removeInstance(name: string): Promise<void> {
  await withLock(`instance-${name}`, async () => {
    const instance = readInstance(name);
    const folder = instanceFolder(name);
    if (!instance) return rmSync(folder, { recursive: true, force: true });
    const env = { ...process.env, ...instance.ready?.env };
    for (const builder of instance.builders) await removeBuilder(builder, env);
    for (const container of instance.containers) await removeContainer(container, env);
    await Promise.all([
      ...instance.processes.filter((each) => each.what !== "engine").map((each) => endProcess(each)),
      removeEngines(instance, folder),
    ]);
    rmSync(folder, { recursive: true, force: true });
  });
}

async function removeEngines(instance: Instance, folder: string): Promise<void> {
  const engine = instance.processes.find((each) => each.what === "engine");
  if (!engine && instance.bridges.length === 0) return;
  const tools = await ensureTools(() => undefined);
  const sockets = socketFolder(instance.name);
  const [bridge = ""] = instance.bridges;
  if (engine) await removeEngine({ process: engine, bridge }, { folder, sockets, tools });
  else await removeBridge(bridge, tools);
}

/** Blobs are never written to, so they are linked; links between names and digests are, so they are copied. */
function copyRegistryData(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyRegistryData(source, target);
    else if (entry.name !== "data" || !tryLink(source, target)) copyFileSync(source, target);
  }
}

function tryLink(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return true;
  } catch {
    return existsSync(target);
  }
}
