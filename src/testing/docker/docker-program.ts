import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { FakeDocker } from "./fake-docker.ts";

/** Programs that are a fake docker which lives in this process. */
export interface DockerPrograms {
  /** Folder with the program `docker`, to put in front of `PATH`. */
  readonly folder: string;
  /** Variables that the programs need. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes the plugin `docker-buildx` into a folder, which is made if need be; gives its path. */
  placePlugin(folder: string): string;
  close(): void;
}

/** `binary`: the programs are links to Node, for a caller that does not trust scripts. */
export type ProgramForm = "script" | "binary";

/** Starts the programs of a fake docker for one test. */
export function startDocker(docker: FakeDocker, form: ProgramForm = "script"): DockerPrograms {
  const programs = openDocker(docker, form);
  onTestFinished(() => programs.close());
  return programs;
}

/** Starts the programs of a fake docker; the caller closes them. */
export function openDocker(docker: FakeDocker, form: ProgramForm = "script"): DockerPrograms {
  const base = mkdtempSync(join(tmpdir(), "slipway-docker-"));
  const socket = join(base, "socket");
  const server = createServer((connection) => void serve(docker, connection)).listen(socket);
  const client = join(base, "client.cjs");
  writeFileSync(client, clientText(socket));
  const place = (folder: string, name: string): string => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    if (form === "script")
      writeFileSync(path, `#!${process.execPath}\nrequire(${JSON.stringify(client)});\n`, { mode: 0o755 });
    else linkNode(path);
    return path;
  };
  const folder = join(base, "bin");
  place(folder, "docker");
  return {
    folder,
    env: form === "script" ? {} : { NODE_OPTIONS: `--require ${client}` },
    placePlugin: (at) => place(at, "docker-buildx"),
    close: () => {
      server.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function linkNode(place: string): void {
  try {
    linkSync(process.execPath, place);
  } catch {
    copyFileSync(process.execPath, place);
  }
}

/** First line of a connection: the run; a further line: it is interrupted. */
interface StartedRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

async function serve(docker: FakeDocker, connection: Socket): Promise<void> {
  const interruption = new AbortController();
  const lines = createInterface(connection);
  lines.on("line", (line) => {
    if (line === "interrupt") return interruption.abort();
    void answer(docker, JSON.parse(line) as StartedRun, interruption.signal).then((end) => connection.end(end));
  });
  // A client that was killed has no use for an answer.
  connection.on("error", () => undefined);
}

async function answer(docker: FakeDocker, run: StartedRun, signal: AbortSignal): Promise<string> {
  const { program, args: written, env, cwd } = run;
  const face = basename(program) === "docker-buildx" ? "plugin" : "command";
  const isDirect = face === "plugin" && written[0] !== "buildx";
  const args = isDirect ? ["buildx", ...written] : written;
  try {
    const { exitCode = 0, stdout = "", stderr = "" } = await docker.perform({ face, args, env, cwd, signal });
    return JSON.stringify({ exitCode, stdout, stderr });
  } catch (error) {
    return JSON.stringify({ exitCode: signal.aborted ? 130 : 99, stdout: "", stderr: String(error) });
  }
}

/** Sends the run to the fake, and ends as it says. As a preloaded module it acts for Node under another name. */
function clientText(socket: string): string {
  return `
const { connect } = require("node:net");
const { basename, join } = require("node:path");
const isBinary = ["docker", "docker-buildx"].includes(basename(process.execPath));
const program = isBinary ? process.execPath : process.argv[1];
// Node makes a path of its first argument, and has commands of its own: inspect, watch.
const args = isBinary ? [basename(process.argv[1]), ...process.argv.slice(2)] : process.argv.slice(2);
function start() {
  const client = connect(${JSON.stringify(socket)});
  process.on("SIGINT", () => client.write("interrupt\\n"));
  client.write(JSON.stringify({ program, args, env: process.env, cwd: process.cwd() }) + "\\n");
  let text = "";
  client.setEncoding("utf8").on("data", (part) => (text += part));
  client.on("end", () => {
    const { exitCode, stdout, stderr } = JSON.parse(text);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = exitCode;
    process.removeAllListeners("SIGINT");
    client.end();
  });
}
if (isBinary) require("node:module").runMain = start;
else start();
`;
}
