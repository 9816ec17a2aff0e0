import { randomBytes, randomInt } from "node:crypto";
import { get } from "node:http";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolPath } from "./packages.ts";
import { endProcess, isAlive, mustRun, pause, run, startServer, type ProcessRecord } from "./processes.ts";

/** A Docker Engine of our own: its data, network bridge and sockets belong to it alone. */
export interface Engine {
  readonly process: ProcessRecord;
  readonly bridge: string;
  /** `DOCKER_HOST`, `DOCKER_CONFIG` and `PATH`. */
  readonly env: Record<string, string>;
}

export interface EngineOptions {
  /** Folder that holds the unpacked tools. */
  readonly tools: string;
  /** Data and logs; removed by {@link removeEngine}. */
  readonly folder: string;
  /** A folder with a short path. */
  readonly sockets: string;
  /** Where `docker.io` is looked up: `http://127.0.0.1:PORT`. */
  readonly mirror: string;
  readonly keep: boolean;
  /** Told at once, before it is up, what will have to be cleaned up. */
  readonly onBridge: (bridge: string) => void;
  readonly onStarted: (process: ProcessRecord) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Starts an empty engine; resolves when it answers, in about a second. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { tools, folder, sockets, signal } = options;
  mkdirSync(folder, { recursive: true });
  mkdirSync(sockets, { recursive: true });
  const config = writeDockerConfig(join(folder, "docker-config"), tools);
  const env = { PATH: toolPath(tools), DOCKER_HOST: `unix://${join(sockets, "docker.sock")}`, DOCKER_CONFIG: config };
  const bridge = `sw-${randomBytes(4).toString("hex")}`;
  options.onBridge(bridge);
  await makeBridge(bridge, tools);
  const log = join(folder, "engine.log");
  const daemonFile = join(folder, "daemon.json");
  writeFileSync(daemonFile, JSON.stringify(daemonSettings(options, bridge), undefined, 2));
  const server = startServer("engine", "dockerd", ["--config-file", daemonFile], {
    env: { ...process.env, ...env },
    stdout: log,
    stderr: log,
    tied: !options.keep,
  });
  options.onStarted(server);
  await untilItAnswers(join(sockets, "docker.sock"), server, log, signal);
  return { process: server, bridge, env };
}

/** Ends an engine and removes everything it made outside its folder: mounts, bridge, a containerd left behind. */
export async function removeEngine(
  engine: { process: ProcessRecord; bridge: string },
  places: { folder: string; sockets: string; tools: string },
): Promise<void> {
  await endProcess(engine.process, 15_000);
  await endLeftContainerd(places.sockets);
  for (const mount of mountsUnder([places.folder, places.sockets])) await run("umount", ["-l", mount]);
  await removeBridge(engine.bridge, places.tools);
  rmSync(places.sockets, { recursive: true, force: true });
}

export async function removeBridge(bridge: string, tools: string): Promise<void> {
  await run(join(tools, "usr/bin/busybox"), ["ip", "link", "del", bridge]);
  // Tools of an earlier version may have made it, and be gone.
  if (existsSync(`/sys/class/net/${bridge}`)) await run("ip", ["link", "del", bridge]);
}

/** A `config.json` folder of its own, so that log-ins do not mix, with buildx as its plugin. */
function writeDockerConfig(folder: string, tools: string): string {
  const plugin = join(folder, "cli-plugins", "docker-buildx");
  mkdirSync(join(folder, "cli-plugins"), { recursive: true });
  rmSync(plugin, { force: true });
  symlinkSync(join(tools, "usr/libexec/docker/cli-plugins/docker-buildx"), plugin);
  return folder;
}

function daemonSettings(options: EngineOptions, bridge: string): object {
  return {
    features: { "containerd-snapshotter": true },
    iptables: false,
    ip6tables: false,
    bridge,
    "data-root": join(options.folder, "engine"),
    "exec-root": join(options.sockets, "exec"),
    pidfile: join(options.sockets, "docker.pid"),
    hosts: [`unix://${join(options.sockets, "docker.sock")}`],
    "insecure-registries": ["127.0.0.0/8"],
    "registry-mirrors": [options.mirror],
  };
}

/** RUN steps and BuildKit's SBOM step want a bridge. Each engine has its own; without iptables it leads nowhere. */
async function makeBridge(bridge: string, tools: string): Promise<void> {
  const ip = (...args: string[]) => mustRun("making a network bridge", join(tools, "usr/bin/busybox"), ["ip", ...args]);
  const taken = await run(join(tools, "usr/bin/busybox"), ["ip", "-4", "addr"]);
  let subnet = "";
  do subnet = `10.${randomInt(64, 250)}.${randomInt(1, 250)}.`;
  while (taken.stdout.includes(` ${subnet}`));
  await ip("link", "add", "name", bridge, "type", "bridge");
  await ip("addr", "add", `${subnet}1/24`, "dev", bridge);
  await ip("link", "set", bridge, "up");
}

async function untilItAnswers(socket: string, server: ProcessRecord, log: string, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await pings(socket))) {
    signal?.throwIfAborted();
    if (!isAlive(server) || Date.now() > deadline) {
      const last = readFileSync(log, "utf8").trim().split("\n").slice(-3).join("\n");
      throw new Error(`starting a Docker Engine: it does not answer; ${log} ends with\n${last}`);
    }
    await pause(25);
  }
}

function pings(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath: socket, path: "/_ping", timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
    request.once("timeout", () => request.destroy());
  });
}

/** dockerd ends its containerd; killed outright it cannot. */
async function endLeftContainerd(sockets: string): Promise<void> {
  try {
    const pid = Number(readFileSync(join(sockets, "exec/containerd/containerd.pid"), "utf8"));
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (command.includes(sockets)) await endProcess({ pid, started: "", what: "containerd" });
  } catch {
    // No containerd was left.
  }
}

function mountsUnder(folders: readonly string[]): string[] {
  const points = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replaceAll("\\040", " "));
  return points.filter((point) => folders.some((folder) => point.startsWith(`${folder}/`))).reverse();
}
