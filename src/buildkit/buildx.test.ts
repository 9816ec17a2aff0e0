import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Host } from "../host.ts";
import { makeNodeHost } from "../node-host.ts";
import { renderStandIn } from "../plugin/stand-in.ts";
import { runBuildx } from "./buildx.ts";

interface Machine {
  readonly host: Host;
  readonly folder: string;
  /** Each run as the last part of the program's path, and its arguments. */
  readonly runs: () => string[];
}

/**
 * A machine with a `docker` that is no script: it is Node, which does before its own work what a file says. `info`: what it answers when it
 * is asked for the plugin, with `FOLDER` for where the plugin is; undefined: it fails. `script`: the command is a script that starts it.
 */
function makeMachine(info: string | undefined, script = false): Machine {
  const folder = mkdtempSync(join(tmpdir(), "slipway-buildx-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const programs = join(folder, "programs");
  mkdirSync(programs);
  const log = join(folder, "runs");
  const act = join(folder, "act.cjs");
  writeFileSync(log, "");
  writeFileSync(
    act,
    `const [program, ...args] = [process.execPath.split("/").at(-1), ...process.argv.slice(1)];
    args[0] = args[0].split("/").at(-1);
    require("node:fs").appendFileSync(${JSON.stringify(log)}, [program, ...args].join(" ") + "\\n");
    if (args[0] === "info") process.stdout.write(${JSON.stringify((info ?? "").replace("FOLDER", folder))});
    process.exit(args[0] === "info" && ${info === undefined} ? 1 : 0);`,
  );
  link(join(script ? folder : programs, "docker"));
  link(join(folder, "docker-buildx"));
  const text = `#!/bin/sh\nexec ${join(folder, "docker")} "$@"\n`;
  if (script) writeFileSync(join(programs, "docker"), text, { mode: 0o755 });
  const host = makeNodeHost({ env: { PATH: `${programs}:/bin:/usr/bin`, NODE_OPTIONS: `--require ${act}` } });
  return { host, folder, runs: () => readFileSync(log, "utf8").trim().split("\n") };
}

function link(place: string): void {
  try {
    linkSync(process.execPath, place);
  } catch {
    copyFileSync(process.execPath, place);
  }
}

const asked = "docker info --format";

test.each<[string, string | undefined, readonly string[]]>([
  ["is its plugin, where docker names it", "FOLDER/docker-buildx", ["docker-buildx inspect", "docker-buildx build x"]],
  ["is docker's command, where docker names none", "\n", ["docker buildx inspect", "docker buildx build x"]],
  ["is docker's command, where docker cannot say", undefined, ["docker buildx inspect", "docker buildx build x"]],
  ["is docker's command, where the plugin is gone", "/gone", ["docker buildx inspect", "docker buildx build x"]],
])("what is run %s, and is looked for once", async (_name, info, expected) => {
  const { host, runs } = makeMachine(info);
  await runBuildx(host, ["inspect"]);
  await runBuildx(host, ["build", "x"]);
  const [first, ...others] = runs();
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
  await runBuildx(host, ["inspect"]);
  expect(runs().slice(1)).toEqual(["docker-buildx inspect"]);
});

test("a script under docker's name is always used, as it may choose an engine", async () => {
  const { host, runs } = makeMachine("FOLDER/docker-buildx", true);
  await runBuildx(host, ["inspect"]);
  expect(runs()).toEqual(["docker buildx inspect"]);
});

test("without docker the message is that of its command", async () => {
  const host = makeNodeHost({ env: { PATH: "/nowhere" } });
  await expect(runBuildx(host, ["inspect"])).rejects.toMatchObject({ code: "unavailable" });
});
