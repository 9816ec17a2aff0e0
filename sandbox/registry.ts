import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureTools, toolPath, whyNoPackages, type Log } from "./packages.ts";
import { endProcess, isAlive, mustRun, pause, run, startServer, type ProcessRecord } from "./processes.ts";
import { freePorts } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

export interface RegistryOptions {
  /** Where it keeps its data, configuration and logs. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly htpasswd?: { readonly user: string; readonly password: string };
  /** A file that gets a line a request, in Apache's combined format. */
  readonly accessLog?: string;
  /** It outlives this process. */
  readonly keep?: boolean;
  /** Told of each process at once, before it answers. */
  readonly onStarted?: (process: ProcessRecord) => void;
  readonly log?: Log;
  readonly signal?: AbortSignal | undefined;
}

/** A docker-registry on the loopback interface. `stop` and `start` keep port and data. */
export interface RegistryServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly dir: string;
  /** The running process; undefined while it is stopped. */
  readonly process: ProcessRecord | undefined;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a registry and waits until it answers. */
export async function startRegistry(options: RegistryOptions): Promise<RegistryServer> {
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  const { program, args, env, inside } = await registryCommand(options, port);
  mkdirSync(join(options.dir, "data"), { recursive: true });
  if (options.htpasswd !== undefined) await writeHtpasswd(options.dir, options.htpasswd);
  writeFileSync(join(options.dir, "config.yml"), renderRegistryConfig(inside, options));
  let running: ProcessRecord | undefined;
  const server: RegistryServer = {
    host: `127.0.0.1:${port}`,
    dir: options.dir,
    get process() {
      return running;
    },
    async stop() {
      const ending = running;
      running = undefined;
      if (ending) await endProcess(ending);
    },
    async start() {
      if (running && isAlive(running)) return;
      const stderr = join(options.dir, "registry.log");
      const stdout = options.accessLog ?? stderr;
      running = startServer("registry", program, args, {
        env,
        stdout,
        stderr,
        tied: options.keep !== true,
      });
      options.onStarted?.(running);
      await untilItAnswers(port, running, stderr, options.signal);
    },
  };
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** How to run it: the Debian package where it can be had, else the registry's image in the Docker that is there. */
async function registryCommand(
  options: RegistryOptions,
  port: number,
): Promise<{ program: string; args: readonly string[]; env: NodeJS.ProcessEnv; inside: Inside }> {
  const missing = whyNoPackages();
  if (missing === undefined) {
    const env = { ...process.env, PATH: toolPath(await ensureTools(options.log ?? (() => undefined), options.signal)) };
    const inside = { folder: options.dir, address: `127.0.0.1:${port}` };
    return { program: "docker-registry", args: ["serve", join(options.dir, "config.yml")], env, inside };
  }
  const docker = await run("docker", ["version", "--format", "{{.Server.Version}}"]);
  if (docker.exitCode !== 0) {
    throw new SandboxUnavailable(
      `A registry is needed: Debian's package cannot be had (${missing}), and no Docker answers that could run its image.`,
    );
  }
  const user = process.getuid === undefined ? [] : ["--user", `${process.getuid()}:${process.getgid?.() ?? 0}`];
  const places = ["-p", `127.0.0.1:${port}:5000`, "-v", `${options.dir}:/registry`];
  const args = [
    "run",
    "--rm",
    "--name",
    `slipway-registry-${port}`,
    ...user,
    ...places,
    "registry:2",
    "/registry/config.yml",
  ];
  return { program: "docker", args, env: process.env, inside: { folder: "/registry", address: "0.0.0.0:5000" } };
}

/** How the server itself sees its folder and address. */
interface Inside {
  readonly folder: string;
  readonly address: string;
}

/** Waits until a registry on loopback answers; throws when its process ends first. */
export async function untilItAnswers(
  port: number,
  server: ProcessRecord,
  log: string,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await answers(port))) {
    signal?.throwIfAborted();
    if (!isAlive(server) || Date.now() > deadline) {
      throw new Error(`starting a registry on 127.0.0.1:${port}: it does not answer; see ${log}`);
    }
    await pause(25);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v2/`, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.status === 200 || response.status === 401;
  } catch {
    return false;
  }
}

/** The configuration of docker-registry 2.8 and of distribution 3. */
export function renderRegistryConfig(inside: Inside, options: Pick<RegistryOptions, "accessLog" | "htpasswd">): string {
  const auth = { htpasswd: { realm: "sandbox", path: `${inside.folder}/htpasswd` } };
  const config = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: options.accessLog === undefined } },
    storage: {
      filesystem: { rootdirectory: `${inside.folder}/data` },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: inside.address },
    ...(options.htpasswd === undefined ? {} : { auth }),
  };
  // JSON is YAML.
  return JSON.stringify(config, undefined, 2);
}

/** docker-registry accepts bcrypt only; the C library's `crypt`, reached through Debian's perl, makes it. */
async function writeHtpasswd(dir: string, login: { user: string; password: string }): Promise<void> {
  const script = "print crypt($ENV{PASSWORD}, '$2b$05$SlipwaySandboxSaltOnlyu')";
  const hash = await mustRun("hashing a password", "perl", ["-e", script], {
    env: { ...process.env, PASSWORD: login.password },
  });
  if (!hash.startsWith("$2b$"))
    throw new SandboxUnavailable("This machine's perl cannot make bcrypt hashes (htpasswd).");
  const file = join(dir, "htpasswd");
  rmSync(file, { force: true });
  writeFileSync(file, `${login.user}:${hash}\n`, { mode: 0o600 });
}
