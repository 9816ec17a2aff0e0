import { setMaxListeners } from "node:events";
import { bringUp, bringUpRunner } from "./bring-up.ts";
import { recordInstance, removeInstance, removeOrphans } from "./instances.ts";
import { whyNoPackages, type Log } from "./packages.ts";
import { ownProcess } from "./processes.ts";
import { isOwned, isUp, newInstanceName, readInstance, readInstances, withLock, type Instance } from "./state.ts";

export { startBuilder, type SandboxBuilder, whyNoBuilder } from "./builders.ts";
export { addBuildKit } from "./buildkit.ts";
export { findCompose } from "./compose.ts";
export { addFrontend } from "./frontend.ts";
export { startGhaCache, type GhaCache, type GhaCacheSnapshot, type GhaCacheStats } from "./gha-cache.ts";
export { startGitHub, type GitHub, type GitHubOptions, type JobOptions } from "./github/index.ts";
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
  /** Variables that a process needs to use the sandbox, besides its own environment. */
  readonly env: Record<string, string>;
  /** Ends what this call started, and removes its data; what was up already stays. */
  close(): Promise<void>;
}

export interface SandboxOptions {
  readonly log?: Log;
  /** An empty one of its own, whatever is up. */
  readonly fresh?: boolean;
  /** It outlives this process, until `sandbox down`. Without it, it ends with this process, however that happens. */
  readonly keep?: boolean;
  /** Default: a new name. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** A further, empty engine. */
export interface Runner {
  readonly env: Record<string, string>;
  close(): Promise<void>;
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
  const { name } = options;
  if (name !== undefined) return withLock(`start-${name}`, () => joinOrStart(name, options), options.signal);
  const main = options.fresh === true ? undefined : readInstance(mainName);
  if (main && main.owner === undefined && isUp(main)) return asSandbox(main, () => Promise.resolve());
  return start(newInstanceName("s"), options);
}

/** A further, empty engine beside the sandbox's own: what a fresh CI runner has. It pushes to the same registry. */
export async function startRunner(
  sandbox: Pick<Sandbox, "registry" | "mirror" | "env">,
  name: string,
  options: { keep?: boolean; signal?: AbortSignal } = {},
): Promise<Runner> {
  const instanceName = `runner-${name}`;
  await removeInstance(instanceName);
  const record = recordInstance(instanceName, whyNoPackages() === undefined ? "own" : "docker");
  try {
    const env = { ...sandbox.env, ...(await bringUpRunner(instanceName, sandbox, record, options)) };
    const { registry, mirror } = sandbox;
    record({ ready: { registry, mirror, env }, owner: options.keep === true ? undefined : ownProcess() });
    return { env, close: () => removeInstance(instanceName) };
  } catch (error) {
    await removeInstance(instanceName);
    throw error;
  }
}

/** Ends sandboxes and runners and removes their data: the named ones, or all that no running process owns. Returns what stays. */
export async function stopSandboxes(names: "all" | readonly string[] = "all"): Promise<readonly string[]> {
  const chosen = readInstances().filter((each) => (names === "all" ? !isOwned(each) : names.includes(each.name)));
  for (const instance of chosen) await removeInstance(instance.name);
  return readInstances().map((each) => each.name);
}

/** The sandbox to use from outside: the named one, else `main`, else the only one that is kept. */
export function findSandbox(name?: string): Instance | undefined {
  if (name !== undefined) return readInstance(name) ?? readInstance(`runner-${name}`);
  const kept = readInstances().filter(
    (each) => each.owner === undefined && isUp(each) && !each.name.startsWith("runner-"),
  );
  return kept.find((each) => each.name === mainName) ?? (kept.length === 1 ? kept[0] : undefined);
}

async function joinOrStart(name: string, options: SandboxOptions): Promise<Sandbox> {
  const there = readInstance(name);
  if (there && isOwned(there)) throw new Error(`starting the sandbox ${name}: another process has one of that name`);
  if (there && options.fresh !== true && isUp(there)) return asSandbox(there, () => Promise.resolve());
  await removeInstance(name);
  return start(name, options);
}

async function start(name: string, options: SandboxOptions): Promise<Sandbox> {
  const record = recordInstance(name, "own");
  try {
    await bringUp(name, record, options);
    record({ owner: options.keep === true ? undefined : ownProcess() });
  } catch (error) {
    await removeInstance(name);
    options.signal?.throwIfAborted();
    throw error;
  }
  const instance = readInstance(name);
  if (!instance) throw new Error(`starting the sandbox ${name}: its record is gone`);
  return asSandbox(instance, () => removeInstance(name));
}

function asSandbox(instance: Instance, close: () => Promise<void>): Sandbox {
  if (!instance.ready) throw new Error(`using the sandbox ${instance.name}: it is not up`);
  return { name: instance.name, ...instance.ready, close };
}
