import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, ownProcess, pause, type ProcessRecord } from "./processes.ts";

/** State of one sandbox, from which another process can use it or clean up after it. */
export interface Instance {
  readonly name: string;
  /** Undefined: kept on purpose, until `sandbox down`. */
  readonly owner: ProcessRecord | undefined;
  readonly kind: "own" | "docker";
  readonly processes: readonly ProcessRecord[];
  /** Network bridges made for its engines. */
  readonly bridges: readonly string[];
  /** Builders made in the Docker that was there. */
  readonly builders: readonly string[];
  /** Set when it is up. */
  readonly ready:
    | { readonly registry: string; readonly mirror: string; readonly env: Record<string, string> }
    | undefined;
}

/** `SLIPWAY_SANDBOX_DIR`, or `.sandbox` in the repository. */
export function stateFolder(): string {
  const folder =
    process.env["SLIPWAY_SANDBOX_DIR"] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), ".sandbox");
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function instanceFolder(name: string): string {
  return join(stateFolder(), "instances", name);
}

/** A folder for sockets: paths of Unix sockets must stay under 108 bytes, and containerd's are long. */
export function socketFolder(name: string): string {
  const near = join(instanceFolder(name), "run");
  const folder = near.length <= 50 ? near : join(shortPlace(), `slipway-${shortHash(stateFolder())}-${name}`);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  return folder;
}

function shortPlace(): string {
  return process.getuid?.() === 0 && existsSync("/run") ? "/run" : tmpdir();
}

export function newInstanceName(prefix: string): string {
  return `${prefix}-${randomBytes(3).toString("hex")}`;
}

export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

export function writeInstance(instance: Instance): void {
  const file = join(instanceFolder(instance.name), "instance.json");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(instance, undefined, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function readInstance(name: string): Instance | undefined {
  try {
    return JSON.parse(readFileSync(join(instanceFolder(name), "instance.json"), "utf8")) as Instance;
  } catch {
    return undefined;
  }
}

export function readInstances(): readonly Instance[] {
  const folder = join(stateFolder(), "instances");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => readInstance(name) ?? []);
}

/** Whether a process that still runs will close it. */
export function isOwned(instance: Instance): boolean {
  return instance.owner !== undefined && isAlive(instance.owner);
}

/** Whether everything it consists of runs. */
export function isUp(instance: Instance): boolean {
  return instance.ready !== undefined && instance.processes.every(isAlive);
}

/** Runs `body` while no other process is between the same two lines; the lock of a dead process does not count. */
export async function withLock<T>(name: string, body: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const file = join(stateFolder(), `${name}.lock`);
  while (!tryLock(file)) {
    signal?.throwIfAborted();
    await pause(100);
  }
  try {
    return await body();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(ownProcess()), { flag: "wx" });
    return true;
  } catch {
    if (readHolder(file) === "dead") breakLock(file);
    return false;
  }
}

/** Only one process at a time may break a lock, lest it breaks the next one's; `mkdir` decides who. */
function breakLock(file: string): void {
  const breaking = `${file}.breaking`;
  try {
    mkdirSync(breaking);
  } catch {
    const since = statSync(breaking, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > 10_000) rmSync(breaking, { recursive: true, force: true });
    return;
  }
  if (readHolder(file) === "dead") rmSync(file, { force: true });
  rmSync(breaking, { recursive: true, force: true });
}

function readHolder(file: string): "alive" | "dead" {
  try {
    return isAlive(JSON.parse(readFileSync(file, "utf8")) as ProcessRecord) ? "alive" : "dead";
  } catch {
    // Just being written, or just removed: look again.
    return "alive";
  }
}

/** Ports of the loopback interface that are free now. Asked for together, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("asking for a free port: no address");
    return address.port;
  });
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
        }),
    ),
  );
  return ports;
}

function listenAnywhere(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
