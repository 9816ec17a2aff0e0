import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type GhaCache,
  type GhaCacheSnapshot,
  type RegistryServer,
  type Sandbox,
  startGhaCache,
  startRegistry,
  startRunner,
  startSandbox,
} from "../sandbox/index.ts";
import type { CaseContext } from "./case.ts";
import { type Distance, type FarServer, startFarServer } from "./far-registry.ts";
import { buildProgram, type Program } from "./program.ts";

/** What builds are measured on: empty engines, and a registry and a cache service whose state can be kept and put back. */
export interface Ground {
  /** `127.0.0.1:PORT`: where images go. */
  readonly registry: string;
  readonly program: Program;
  readonly gha: GhaCache;
  readonly env: Readonly<Record<string, string>>;
  /** For repositories and other scratch. */
  readonly folder: string;
  /** Keeps what registry and cache hold now. */
  save(state: string): Promise<void>;
  /** Puts it back; undefined: nothing at all. */
  restore(state: string | undefined): Promise<void>;
  /** Runs with an engine that has nothing yet; its start and end are the caller's to leave out. */
  withRunner<T>(task: (env: Readonly<Record<string, string>>) => Promise<T>): Promise<T>;
  readonly sandbox: Sandbox;
  /** Requests that the registry has answered since the state was put back. */
  requests(): number;
  /** Connections to a registry that is far away, since then; undefined: it is not. */
  connections(): number | undefined;
  /** Bytes that it sent since then. */
  sentBytes(): number;
  /** Bytes that it holds. */
  stored(): number;
  close(): Promise<void>;
}

/** `distance`: how far registry and cache service are; default: on this machine. */
export async function openGround(options: CaseContext, distance?: Distance): Promise<Ground> {
  const { signal, log } = options;
  const program = await buildProgram(options.program);
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const close: (() => Promise<void>)[] = [];
  try {
    const sandbox = await startSandbox({ fresh: true, log, signal });
    close.push(() => sandbox.close());
    const accessLog = join(folder, "access.log");
    const registry = await startRegistry({ dir: join(folder, "registry"), accessLog, signal });
    close.push(() => registry.stop());
    const far = distance === undefined ? undefined : await startFarServer(registry.host, distance);
    if (far !== undefined) close.push(() => far.close());
    const gha = await startGhaCache(distance === undefined ? {} : { delayMilliseconds: distance.requestMs });
    close.push(() => gha.close());
    return makeGround({ sandbox, registry, far, gha, program, folder, accessLog, signal }, close);
  } catch (error) {
    await closeAll(close, folder, program);
    throw error;
  }
}

interface Parts {
  readonly sandbox: Sandbox;
  readonly registry: RegistryServer;
  readonly far: FarServer | undefined;
  readonly gha: GhaCache;
  readonly program: Program;
  readonly folder: string;
  readonly accessLog: string;
  readonly signal: AbortSignal;
}

function makeGround(parts: Parts, close: readonly (() => Promise<void>)[]): Ground {
  const { sandbox, registry, far, gha, program, folder, accessLog, signal } = parts;
  const caches = new Map<string, GhaCacheSnapshot>();
  const data = join(registry.dir, "data");
  const kept = (state: string): string => join(folder, "states", state.replaceAll(/[^\w.-]+/g, "-"));
  let runners = 0;
  return {
    registry: far?.host ?? registry.host,
    program,
    gha,
    env: sandbox.env,
    folder,
    save: async (state) => {
      await registry.stop();
      rmSync(kept(state), { recursive: true, force: true });
      copyData(data, kept(state));
      caches.set(state, gha.snapshot());
      await registry.start();
    },
    restore: async (state) => {
      await registry.stop();
      rmSync(data, { recursive: true, force: true });
      if (state === undefined) mkdirSync(data, { recursive: true });
      else copyData(kept(state), data);
      gha.restore((state === undefined ? undefined : caches.get(state)) ?? new Map());
      gha.resetStats();
      far?.reset();
      rmSync(accessLog, { force: true });
      await registry.start();
    },
    withRunner: async (task) => {
      runners += 1;
      const runner = await startRunner(sandbox, `bench${process.pid}-${runners}`, { signal });
      try {
        return await task(runner.env);
      } finally {
        await runner.close();
      }
    },
    sandbox,
    requests: () => requestsIn(accessLog).length,
    connections: () => far?.counts().connections,
    sentBytes: () =>
      requestsIn(accessLog).reduce((sum, line) => sum + Number(/" \d{3} (\d+) /.exec(line)?.[1] ?? 0), 0),
    stored: () => sizeOf(data),
    close: () => closeAll(close, folder, program),
  };
}

/** Lines of the access log, a request each. */
function requestsIn(accessLog: string): string[] {
  if (!existsSync(accessLog)) return [];
  return readFileSync(accessLog, "utf8")
    .split("\n")
    .filter((line) => line.includes(" /v2/"));
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function closeAll(close: readonly (() => Promise<void>)[], folder: string, program: Program): Promise<void> {
  for (const each of close.toReversed()) await each();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  program.remove();
}

/** Blobs are never written to, so they are linked; what leads from names to digests is, so it is copied. */
export function copyData(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyData(source, target);
    else if (entry.name === "data") linkSync(source, target);
    else copyFileSync(source, target);
  }
}
