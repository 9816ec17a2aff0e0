import { constants } from "node:fs";
import { access, open, readFile, realpath } from "node:fs/promises";
import { basename, delimiter, isAbsolute, join } from "node:path";
import type { Host, ProcessResult, RunOptions } from "../host.ts";
import { realOf } from "../plugin/read-stand-in.ts";

/** A program that runs buildx, and the arguments before buildx's own. */
interface BuildxCommand {
  readonly program: string;
  readonly before: readonly string[];
}

/** Runs buildx through the docker command, which first starts every plugin to read its metadata. */
const throughDocker: BuildxCommand = { program: "docker", before: ["buildx"] };

const commands = new WeakMap<Host, Promise<BuildxCommand>>();

/**
 * Runs buildx with these arguments (`build`, …). Starts the plugin directly if docker names its path, which takes a third of the processor
 * time; otherwise goes through the docker command. Throws what `host.run` throws.
 */
export async function runBuildx(host: Host, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  const found = commands.get(host) ?? findBuildx(host);
  commands.set(host, found);
  const { program, before } = await found;
  // If this variable of docker's is set, buildx behaves as a plugin started by docker. Source: docker/cli, cli-plugins/plugin.
  const env = { ...options.env, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: undefined };
  return host.run(program, [...before, ...args], { ...options, env });
}

const pluginFormat = '{{range .ClientInfo.Plugins}}{{if eq .Name "buildx"}}{{.Path}}{{end}}{{end}}';

async function findBuildx(host: Host): Promise<BuildxCommand> {
  const plugin = (await isDockerItself(host)) ? await findBuildxPlugin(host) : undefined;
  return plugin === undefined ? throughDocker : { program: await realPlugin(plugin), before: [] };
}

/**
 * Finds the plugin that docker starts for buildx; undefined: docker names none, or its file cannot be run. `docker info` contacts no engine
 * if the format names only client fields. Source: docker/cli, cli/command/system/info.go, `needsServerInfo`.
 */
export async function findBuildxPlugin(host: Host): Promise<string | undefined> {
  const { exitCode, stdout } = await host.run("docker", ["info", "--format", pluginFormat]);
  const plugin = new TextDecoder().decode(stdout).trim();
  return exitCode === 0 && isAbsolute(plugin) && (await isExecutable(plugin)) ? plugin : undefined;
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
