import { runScriptCommand } from "../../core/scripts/script-command.ts";
import { readDropInOptions } from "../../core/drop-in/read-options.ts";
import { readRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { type DockerCommand, readPluginArguments, toPluginArguments } from "../../plugin/docker-command.ts";
import { directVariable } from "../../plugin/stand-in.ts";
import type { DockerOptions } from "./spec.ts";

/** Runs a docker command line (without `docker`). Its builds go through Slipway. Returns the exit code. */
export async function passThrough(given: Host, argv: readonly string[], options: DockerOptions): Promise<number> {
  const plugin = toPluginArguments(argv);
  const command: DockerCommand = plugin === undefined ? { kind: "other" } : readPluginArguments(plugin);
  const { reuse = "", fingerprints = "", refresh = "", bases = "", stamp = "", protectTags } = options;
  const texts = { reuse, fingerprints, refresh, bases, stamp, "protect-tags": protectTags ? "true" : "" };
  const dropIn = readDropInOptions(texts, given.env, (name) => `--${name}`);
  if (command.kind === "other") return given.attach("docker", argv);
  const host = withoutStandIn(given, await builderOf(given, argv, command.builder));
  const all = (words: readonly string[]): readonly string[] => [...argv.slice(0, wordsBefore(argv)), ...words];
  const { exitCode } = await runScriptCommand(
    {
      host,
      run: await readRun(host.env),
      options: dropIn,
      runReal: (words, more) => host.attach("docker", all(words), more),
      printReal: (words, more) => host.run("docker", all(words), more),
    },
    command,
  );
  return exitCode;
}

/** Returns a host whose programs bypass an installed stand-in, and use the builder that docker would use. */
function withoutStandIn(host: Host, builder: Readonly<Record<string, string>>): Host {
  const more = { [directVariable]: "docker", ...builder };
  return {
    ...host,
    env: { ...host.env, ...more },
    run: (program, args, options = {}) => host.run(program, args, { ...options, env: { ...more, ...options.env } }),
    attach: (program, args, options = {}) =>
      host.attach(program, args, { ...options, env: { ...more, ...options.env } }),
  };
}

/**
 * Returns a variable that selects the builder. `docker build` uses the context of docker, whatever builder is selected in buildx; `docker buildx
 * build` uses the selected one. Source: docker/cli, cmd/docker/builder.go, `processBuilder`.
 */
async function builderOf(
  host: Host,
  [first]: readonly string[],
  named: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (first === "buildx" || named !== undefined || (host.env["BUILDX_BUILDER"] ?? "") !== "") return {};
  const answer = await host.run("docker", ["context", "show"]).catch(() => undefined);
  const context = answer?.exitCode === 0 ? new TextDecoder().decode(answer.stdout).trim() : "";
  return context === "" ? {} : { BUILDX_BUILDER: context };
}

/** Returns the number of words before `build` or `bake`. */
function wordsBefore(argv: readonly string[]): number {
  return argv[0] === "build" || argv[0] === "bake" ? 0 : 1;
}
