import { rmSync } from "node:fs";
import { removeBuilder } from "./docker-there.ts";
import { removeBridge, removeEngine } from "./engine.ts";
import { toolsThere } from "./packages.ts";
import { endProcess, isAlive, ownProcess } from "./processes.ts";
import {
  instanceFolder,
  isUp,
  readInstance,
  readInstances,
  socketFolder,
  withLock,
  writeInstance,
  type Instance,
} from "./state.ts";

/** Notes on disk what a sandbox consists of, as it comes to be: whatever happens, it can be cleaned up. */
export type Recorder = (change: Partial<Instance> | ((now: Instance) => Partial<Instance>)) => void;

/** While it starts, an instance is owned by this process. */
export function recordInstance(name: string, kind: Instance["kind"]): Recorder {
  let instance: Instance = {
    name,
    kind,
    owner: ownProcess(),
    processes: [],
    bridges: [],
    builders: [],
    ready: undefined,
  };
  writeInstance(instance);
  return (change) => {
    instance = { ...instance, ...(typeof change === "function" ? change(instance) : change) };
    writeInstance(instance);
  };
}

/** Cleans up after processes that died before they could, and after sandboxes that no longer run. */
export async function removeOrphans(): Promise<void> {
  for (const instance of readInstances()) {
    const orphaned = instance.owner !== undefined && !isAlive(instance.owner);
    const broken = instance.owner === undefined && !isUp(instance);
    if (orphaned || broken) await removeInstance(instance.name);
  }
}

/** Ends an instance's processes by their ids and removes what they left. */
export async function removeInstance(name: string): Promise<void> {
  await withLock(`instance-${name}`, async () => {
    const instance = readInstance(name);
    if (instance) await endEverything(instance);
    rmSync(instanceFolder(name), { recursive: true, force: true });
  });
}

async function endEverything(instance: Instance): Promise<void> {
  const env = { ...process.env, ...instance.ready?.env };
  for (const builder of instance.builders) await removeBuilder(builder, env);
  const [bridge = ""] = instance.bridges;
  const engine = instance.processes.find((each) => each.what === "engine");
  const others = instance.processes.filter((each) => each !== engine);
  await Promise.all(others.map((each) => endProcess(each)));
  const tools = toolsThere();
  const places = { folder: instanceFolder(instance.name), sockets: socketFolder(instance.name), tools };
  if (engine) await removeEngine({ process: engine, bridge }, places);
  else if (bridge !== "") await removeBridge(bridge, tools);
}
