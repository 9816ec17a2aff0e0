import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBases } from "./bases.ts";
import { freshBuilder, lookForDocker, type DockerThere } from "./docker-there.ts";
import { startEngine } from "./engine.ts";
import type { Recorder } from "./instances.ts";
import { ensureTools, whyNoPackages, type Log } from "./packages.ts";
import type { ProcessRecord } from "./processes.ts";
import { startRegistry } from "./registry.ts";
import { instanceFolder, socketFolder } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

export interface BringUpOptions {
  readonly log?: Log;
  readonly keep?: boolean;
  readonly signal?: AbortSignal;
}

/** Brings up engine, registry and mirror, with the Docker that is there or from packages. */
export async function bringUp(name: string, record: Recorder, options: BringUpOptions): Promise<void> {
  const log = options.log ?? (() => undefined);
  const docker = await lookForDocker(log);
  if (docker.use) {
    log("using the Docker that is there");
    record({ kind: "docker" });
    return bringUpBesideDocker(name, docker, record, options);
  }
  const missing = whyNoPackages();
  if (missing !== undefined) {
    throw new SandboxUnavailable(
      `No Docker Engine can be used (${docker.because}), and none can be brought up from packages (${missing}).\n` +
        "Start Docker with buildx and access to Docker Hub, or run this as root on Debian 12 or newer.",
    );
  }
  log(`bringing up an engine from packages (${docker.because})`);
  return bringUpOwn(name, record, options);
}

/** Brings up one more, empty engine; where none can be had from packages, an empty builder in the Docker that is there. */
export async function bringUpRunner(
  name: string,
  sandbox: { readonly mirror: string; readonly env: Record<string, string> },
  record: Recorder,
  options: BringUpOptions,
): Promise<Record<string, string>> {
  if (whyNoPackages() !== undefined) {
    const builder = `slipway-${name}`;
    record({ builders: [builder] });
    await freshBuilder(builder, { ...process.env, ...sandbox.env });
    return { BUILDX_BUILDER: builder };
  }
  return bringUpEngine(name, sandbox.mirror, record, options);
}

async function bringUpOwn(name: string, record: Recorder, options: BringUpOptions): Promise<void> {
  const bases = await ensureBases(options.log ?? (() => undefined), options.signal);
  copyRegistryData(bases, join(instanceFolder(name), "mirror", "data"));
  const registry = await bringUpRegistry(name, "registry", record, options);
  const mirror = `http://${await bringUpRegistry(name, "mirror", record, options)}`;
  const engine = await bringUpEngine(name, mirror, record, options);
  const env = { ...engine, SLIPWAY_REGISTRY: registry, SLIPWAY_REGISTRY_MIRRORS: `docker.io=${mirror}` };
  record({ ready: { registry, mirror, env } });
}

async function bringUpBesideDocker(
  name: string,
  docker: Extract<DockerThere, { use: true }>,
  record: Recorder,
  options: BringUpOptions,
): Promise<void> {
  const registry = await bringUpRegistry(name, "registry", record, options);
  const builder = `slipway-${name}`;
  if (docker.needsBuilder) {
    record({ builders: [builder] });
    await freshBuilder(builder, { ...process.env, ...docker.env });
  }
  const env = {
    ...docker.env,
    SLIPWAY_REGISTRY: registry,
    ...(docker.mirror === undefined ? {} : { SLIPWAY_REGISTRY_MIRRORS: `docker.io=${docker.mirror}` }),
    ...(docker.needsBuilder ? { BUILDX_BUILDER: builder } : {}),
  };
  record({ ready: { registry, mirror: docker.mirror ?? "https://registry-1.docker.io", env } });
}

async function bringUpRegistry(
  name: string,
  part: "registry" | "mirror",
  record: Recorder,
  options: BringUpOptions,
): Promise<string> {
  const { log = () => undefined, keep = false, signal } = options;
  const onStarted = (started: ProcessRecord) =>
    record((now) => ({ processes: [...now.processes, { ...started, what: part }] }));
  const server = await startRegistry({ dir: join(instanceFolder(name), part), keep, log, onStarted, signal });
  return server.host;
}

async function bringUpEngine(
  name: string,
  mirror: string,
  record: Recorder,
  options: BringUpOptions,
): Promise<Record<string, string>> {
  const engine = await startEngine({
    tools: await ensureTools(options.log ?? (() => undefined), options.signal),
    folder: instanceFolder(name),
    sockets: socketFolder(name),
    mirror,
    keep: options.keep === true,
    onBridge: (bridge) => record({ bridges: [bridge] }),
    onStarted: (started) => record((now) => ({ processes: [...now.processes, started] })),
    signal: options.signal,
  });
  return engine.env;
}

/** Blobs are never written to, so they are linked; what leads from names to digests is, so it is copied. */
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
