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
  const missing = whyNoPackages();
  if (missing !== undefined)
    throw new SandboxUnavailable(`A registry from Debian's packages is not to be had: ${missing}.`);
  const env = { ...process.env, PATH: toolPath(await ensureTools(options.log ?? (() => undefined), options.signal)) };
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  mkdirSync(options.dir, { recursive: true });
  const config = join(options.dir, "config.yml");
  const htpasswd = options.htpasswd === undefined ? undefined : await writeHtpasswd(options.dir, options.htpasswd);
  writeFileSync(config, renderConfig(options.dir, port, htpasswd, options.accessLog !== undefined));
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
      running = startServer("registry", "docker-registry", ["serve", config], {
        env,
        stdout,
        stderr,
        tied: options.keep !== true,
      });
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

/** Runs the registry image in a Docker that is there already, for machines without Debian's packages. */
export async function startRegistryContainer(
  name: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<{ host: string; container: string }> {
  const [port] = await freePorts(1);
  await mustRun(
    "starting a registry in Docker",
    "docker",
    [
      "run",
      "-d",
      "--name",
      name,
      "-p",
      `127.0.0.1:${port}:5000`,
      "-e",
      "REGISTRY_STORAGE_DELETE_ENABLED=true",
      "registry:2",
    ],
    { env, signal },
  );
  const deadline = Date.now() + 30_000;
  while (!(await answers(port ?? 0)) && Date.now() < deadline) await pause(100);
  return { host: `127.0.0.1:${port}`, container: name };
}

export async function removeContainer(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  await run("docker", ["rm", "--force", "--volumes", name], { env });
}

async function untilItAnswers(port: number, server: ProcessRecord, log: string, signal?: AbortSignal): Promise<void> {
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

function renderConfig(dir: string, port: number, htpasswd: string | undefined, logsAccess: boolean): string {
  const config = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: !logsAccess } },
    storage: {
      filesystem: { rootdirectory: join(dir, "data") },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: `127.0.0.1:${port}` },
    ...(htpasswd === undefined ? {} : { auth: { htpasswd: { realm: "sandbox", path: htpasswd } } }),
  };
  // JSON is YAML.
  return JSON.stringify(config, undefined, 2);
}

/** docker-registry accepts bcrypt only; the C library's `crypt`, reached through Debian's perl, makes it. */
async function writeHtpasswd(dir: string, login: { user: string; password: string }): Promise<string> {
  const script = "print crypt($ENV{PASSWORD}, '$2b$05$SlipwaySandboxSaltOnlyu')";
  const hash = await mustRun("hashing a password", "perl", ["-e", script], {
    env: { ...process.env, PASSWORD: login.password },
  });
  if (!hash.startsWith("$2b$"))
    throw new SandboxUnavailable("This machine's perl cannot make bcrypt hashes (htpasswd).");
  const file = join(dir, "htpasswd");
  rmSync(file, { force: true });
  writeFileSync(file, `${login.user}:${hash}\n`, { mode: 0o600 });
  return file;
}
