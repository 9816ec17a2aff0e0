import { constants } from "node:fs";
import { access, open, readFile, realpath } from "node:fs/promises";
import { basename, delimiter, isAbsolute, join } from "node:path";
import type { Host, ProcessResult, RunOptions } from "../host.ts";
import { realOf } from "../plugin/read-stand-in.ts";

/** A program that runs buildx, and the arguments before buildx's own. */
interface BuildxCommand {
  readonly program: string;
  readonly before: readonly string[];
  /** Version as docker names it, such as `v0.29.1`; undefined: it does not. */
  readonly version?: string;
}

/** Runs buildx through the docker command, which first starts every plugin to read its metadata. */
const throughDocker: BuildxCommand = { program: "docker", before: ["buildx"] };

const commands = new WeakMap<Host, Promise<BuildxCommand>>();

/**
 * Runs buildx with these arguments (`build`, …). Starts the plugin directly if docker names its path, which takes a third of the processor
 * time; otherwise goes through the docker command. Throws what `host.run` throws.
 */
export async function runBuildx(host: Host, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  const { program, before } = await buildxOf(host);
  // If this variable of docker's is set, buildx behaves as a plugin started by docker. Source: docker/cli, cli-plugins/plugin.
  const env = { ...options.env, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: undefined };
  return host.run(program, [...before, ...args], { ...options, env });
}

/** Version of buildx as docker names it, such as `v0.29.1`; undefined: docker does not. */
export async function namedBuildxVersion(host: Host): Promise<string | undefined> {
  return (await buildxOf(host)).version;
}

function buildxOf(host: Host): Promise<BuildxCommand> {
  const found = commands.get(host) ?? findBuildx(host);
  commands.set(host, found);
  return found;
}

const pluginFormat =
  '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{"\\n"}}{{.Version}}{{end}}{{end}}';

async function findBuildx(host: Host): Promise<BuildxCommand> {
  const plugin = (await isDockerItself(host)) ? await findBuildxPlugin(host) : undefined;
  if (plugin === undefined) return throughDocker;
  const { path, version } = plugin;
  return { program: await realPlugin(path), before: [], ...(version === "" ? {} : { version }) };
}

/** Plugin as docker names it. `version`: empty if docker names none. */
export interface NamedPlugin {
  readonly path: string;
  readonly version: string;
}

/**
 * Finds the plugin that docker starts for buildx; undefined: docker names none, or its file cannot be run. `docker info` contacts no engine
 * if the format names only client fields. Source: docker/cli, cli/command/system/info.go, `needsServerInfo`.
 */
export async function findBuildxPlugin(host: Host): Promise<NamedPlugin | undefined> {
  const { exitCode, stdout } = await host.run("docker", ["info", "--format", pluginFormat]);
  const [path = "", version = ""] = new TextDecoder().decode(stdout).trim().split("\n");
  return exitCode === 0 && isAbsolute(path) && (await isExecutable(path)) ? { path, version } : undefined;
}

/** Docker's own plugin where the one that was found stands in for it. */
export async function realPlugin(plugin: string): Promise<string> {
  if (!(await isScript(plugin))) return plugin;
  const real = realOf(await readFile(plugin, "utf8"));
  return real === undefined ? plugin : realPlugin(real);
}

/**
 * Whether `docker` is Docker's own program. A script or another program of this name (snap) may choose an engine, a user or a configuration
 * that a directly started plugin would not see.
 */
async function isDockerItself({ env }: Host): Promise<boolean> {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const place = join(folder, "docker");
    if (!(await isExecutable(place))) continue;
    return basename(await realpath(place)) === "docker" && !(await isScript(place));
  }
  return false;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function isScript(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead < 2 || buffer.toString("latin1") === "#!";
  } finally {
    await file.close();
  }
}
