import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addBuildKit, ensureBuildKit, whyNoBuildKit } from "./buildkit.ts";
import { removeBuilder } from "./docker-there.ts";
import { ensureTools, type Log, toolPath } from "./packages.ts";
import { endProcess, isAlive, mustRun, pause, type ProcessRecord, run, startServer } from "./processes.ts";
import { instanceFolder, socketFolder } from "./state.ts";

/** A buildx builder beside a sandbox's own engine. */
export interface SandboxBuilder {
  /** `BUILDX_BUILDER`, beside the sandbox's own variables. */
  readonly env: Record<string, string>;
  close(): Promise<void>;
}

export interface SandboxBuilderOptions {
  readonly name: string;
  /** `container`: in the sandbox's engine, with this machine's network or one of its own. `remote`: a daemon started by hand. */
  readonly kind: "container" | "container-with-own-network" | "remote";
  readonly log?: Log;
}

/** Purpose of a builder. */
type Home = { readonly name: string; readonly mirror: string; readonly env: Record<string, string> };

/** Why such a builder cannot be made here and now, or undefined. With the Docker that is there, its image comes from Docker Hub. */
export function whyNoBuilder(
  { mirror }: Pick<Home, "mirror">,
  kind: SandboxBuilderOptions["kind"],
): string | undefined {
  return kind === "remote" || isOwnMirror(mirror) ? whyNoBuildKit() : undefined;
}

function isOwnMirror(mirror: string): boolean {
  return mirror.startsWith("http://127.0.0.1:");
}

/**
 * Makes an empty builder; ask `whyNoBuilder` first.
 * @throws SandboxUnavailable where BuildKit cannot be compiled.
 */
export async function startBuilder(sandbox: Home, options: SandboxBuilderOptions): Promise<SandboxBuilder> {
  const { name, kind, log = () => undefined } = options;
  const env = { ...process.env, ...sandbox.env };
  const folder = join(instanceFolder(sandbox.name), "builders", name);
  mkdirSync(folder, { recursive: true });
  const settings = join(folder, "buildkitd.toml");
  writeFileSync(settings, isOwnMirror(sandbox.mirror) ? renderSettings(new URL(sandbox.mirror).host) : "");
  const create = async (...args: string[]): Promise<void> => {
    await mustRun("making a builder", "docker", ["buildx", "create", "--name", name, ...args], { env });
  };
  const closers = [(): Promise<void> => removeBuilder(name, env)];
  try {
    if (kind === "remote") {
      const daemon = await startDaemon(sandbox, { name, folder, settings, log });
      closers.push(() => endDaemon(daemon.process, folder));
      await create("--driver", "remote", `unix://${daemon.socket}`);
    } else {
      if (isOwnMirror(sandbox.mirror)) await addBuildKit(sandbox, { log });
      const network = kind === "container" ? ["--driver-opt", "network=host"] : [];
      await create("--driver", "docker-container", ...network, "--buildkitd-config", settings, "--bootstrap");
    }
  } catch (error) {
    for (const close of closers) await close();
    throw error;
  }
  return {
    env: { BUILDX_BUILDER: name },
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

/** docker.io is looked up in the mirror, by plain HTTP. */
function renderSettings(mirror: string): string {
  return `[registry."docker.io"]\n  mirrors = ["${mirror}"]\n[registry."${mirror}"]\n  http = true\n`;
}

async function startDaemon(
  sandbox: Home,
  { name, folder, settings, log }: { name: string; folder: string; settings: string; log: Log },
): Promise<{ readonly process: ProcessRecord; readonly socket: string }> {
  const programs = await ensureBuildKit(log);
  const socket = join(socketFolder(sandbox.name), `${name}.sock`);
  const output = join(folder, "buildkitd.log");
  const places = ["--addr", `unix://${socket}`, "--root", join(folder, "root"), "--config", settings];
  const daemon = startServer("buildkitd", programs.daemon, [...places, "--containerd-worker=false"], {
    env: { ...process.env, PATH: toolPath(await ensureTools(log)) },
    stdout: output,
    stderr: output,
    tied: true,
  });
  const deadline = Date.now() + 30_000;
  const ask = ["--addr", `unix://${socket}`, "debug", "workers"];
  while ((await run(programs.client, ask)).exitCode !== 0) {
    if (!isAlive(daemon) || Date.now() > deadline) {
      await endDaemon(daemon, folder);
      throw new Error(`starting buildkitd: it does not answer; see ${output}`);
    }
    await pause(50);
  }
  return { process: daemon, socket };
}

async function endDaemon(daemon: ProcessRecord, folder: string): Promise<void> {
  await endProcess(daemon);
  rmSync(folder, { recursive: true, force: true });
}
