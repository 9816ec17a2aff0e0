import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Host } from "../host.ts";
import { makeNodeHost } from "../node-host.ts";
import { renderStandIn } from "../plugin/stand-in.ts";
import { startDocker } from "../testing/docker/docker-program.ts";
import { makeFakeDocker } from "../testing/docker/fake-docker.ts";
import { namedBuildxVersion, runBuildx } from "./buildx.ts";

interface Machine {
  readonly host: Host;
  /** Folder of the plugin. */
  readonly folder: string;
  /** Each run as its face and its arguments. */
  readonly runs: readonly string[];
}

/**
 * A machine whose `docker` is a binary. `info`: what it answers when it is asked for the plugin, with `FOLDER` for where the plugin is;
 * undefined: it fails. `script`: the command is a script that starts it.
 */
function makeMachine(info: string | undefined, script = false): Machine {
  const runs: string[] = [];
  const docker = makeFakeDocker();
  const programs = startDocker(docker, "binary");
  const { folder } = programs;
  programs.placePlugin(folder);
  docker.answer = ({ face, args }) => {
    runs.push(`${face}: ${args.join(" ")}`);
    if (args[0] !== "info") return {};
    return info === undefined ? { exitCode: 1 } : { stdout: info.replace("FOLDER", folder) };
  };
  const scripts = join(folder, "scripts");
  mkdirSync(scripts);
  if (script)
    writeFileSync(join(scripts, "docker"), `#!/bin/sh\nexec ${join(folder, "docker")} "$@"\n`, { mode: 0o755 });
  const env = { PATH: `${script ? scripts : folder}:/bin:/usr/bin`, ...programs.env };
  return { host: makeNodeHost({ env }), folder, runs };
}

const asked = "command: info --format";

test.each<[string, string | undefined, readonly string[]]>([
  [
    "is its plugin, where docker names it",
    "FOLDER/docker-buildx",
    ["plugin: buildx version", "plugin: buildx build x"],
  ],
  ["is docker's command, where docker names none", "\n", ["command: buildx version", "command: buildx build x"]],
  ["is docker's command, where docker cannot say", undefined, ["command: buildx version", "command: buildx build x"]],
  ["is docker's command, where the plugin is gone", "/gone", ["command: buildx version", "command: buildx build x"]],
])("what is run %s, and is looked for once", async (_name, info, expected) => {
  const { host, runs } = makeMachine(info);
  await runBuildx(host, ["version"]);
  await runBuildx(host, ["build", "x"]);
  const [first, ...others] = runs;
  expect(first).toContain(asked);
  expect(others).toEqual(expected);
});

test("a stand-in is passed by: what is run is the plugin that it stands in for", async () => {
  const { host, runs, folder } = makeMachine("FOLDER/cli-plugins/docker-buildx");
  const real = join(folder, "docker-buildx");
  const job = { kind: "own", node: "/gone", program: "/gone", folder: "/gone" } as const;
  mkdirSync(join(folder, "cli-plugins"));
  writeFileSync(join(folder, "cli-plugins/docker-buildx"), renderStandIn({ real, metadata: "{}", job }), {
    mode: 0o755,
  });
  await runBuildx(host, ["version"]);
  expect(runs.slice(1)).toEqual(["plugin: buildx version"]);
});

test("a script under docker's name is always used, as it may choose an engine", async () => {
  const { host, runs } = makeMachine("FOLDER/docker-buildx", true);
  await runBuildx(host, ["version"]);
  expect(runs).toEqual(["command: buildx version"]);
});

test("without docker the message is that of its command", async () => {
  const host = makeNodeHost({ env: { PATH: "/nowhere" } });
  await expect(runBuildx(host, ["version"])).rejects.toMatchObject({ code: "unavailable" });
});

test("the version is the one that docker names, and of a script under its name none is known", async () => {
  expect(await namedBuildxVersion(makeMachine("FOLDER/docker-buildx\nv0.29.1").host)).toBe("v0.29.1");
  expect(await namedBuildxVersion(makeMachine("FOLDER/docker-buildx\n").host)).toBeUndefined();
  expect(await namedBuildxVersion(makeMachine("FOLDER/docker-buildx\nv0.29.1", true).host)).toBeUndefined();
});
