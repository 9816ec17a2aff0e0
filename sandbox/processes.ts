import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

/** A process that outlives the call that started it. `started` tells it from a later process with the same id. */
export interface ProcessRecord {
  readonly pid: number;
  readonly started: string;
  readonly what: string;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; never rejects for an exit code. A program that is not there gives exit code 127. */
export async function run(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; stdin?: string; signal?: AbortSignal | undefined } = {},
): Promise<RunResult> {
  const child = spawn(program, args, {
    env: options.env ?? process.env,
    stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (child.stdin && options.stdin !== undefined) child.stdin.end(options.stdin);
  const exit = new Promise<number>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ENOENT" ? 127 : 130));
    child.once("close", (code) => resolve(code ?? 130));
  });
  const read = (stream: NodeJS.ReadableStream | null) => (stream ? text(stream).catch(() => "") : Promise.resolve(""));
  const [exitCode, stdout, stderr] = await Promise.all([exit, read(child.stdout), read(child.stderr)]);
  return { exitCode, stdout, stderr };
}

/** Runs a program and rejects, with the last lines it wrote, when it fails. */
export async function mustRun(
  doing: string,
  program: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const result = await run(program, args, options);
  options.signal?.throwIfAborted();
  if (result.exitCode === 0) return result.stdout;
  const last = (result.stderr || result.stdout).trim().split("\n").slice(-5).join("\n");
  throw new Error(`${doing}: ${program} ended with ${result.exitCode}: ${last}`);
}

/**
 * Starts a server in its own session, its output in a file. With `tied` it is asked to end when this process dies,
 * however that happens.
 */
export function startServer(
  what: string,
  program: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; stdout: string; stderr: string; tied: boolean },
): ProcessRecord {
  const out = openSync(options.stdout, "a");
  const err = openSync(options.stderr, "a");
  const tie = options.tied && existsSync("/usr/bin/setpriv");
  const [file, argv] = tie ? ["/usr/bin/setpriv", ["--pdeathsig", "TERM", program, ...args]] : [program, [...args]];
  const child = spawn(file, argv, { env: options.env, detached: true, stdio: ["ignore", out, err] });
  closeSync(out);
  closeSync(err);
  child.on("error", () => undefined);
  child.unref();
  if (child.pid === undefined) throw new Error(`starting ${what}: ${program} cannot be run`);
  return { pid: child.pid, started: startTime(child.pid) ?? "", what };
}

export function isAlive(record: ProcessRecord): boolean {
  const started = startTime(record.pid);
  return started !== undefined && (record.started === "" || started === record.started);
}

/** This process, as a record. */
export function ownProcess(): ProcessRecord {
  return { pid: process.pid, started: startTime(process.pid) ?? "", what: "owner" };
}

/** Asks a process to end, waits, and insists after `patience` milliseconds. Does nothing to a stranger with its id. */
export async function endProcess(record: ProcessRecord, patience = 10_000): Promise<void> {
  if (!isAlive(record)) return;
  signal(record.pid, "SIGTERM");
  const deadline = Date.now() + patience;
  while (isAlive(record) && Date.now() < deadline) await pause(25);
  if (!isAlive(record)) return;
  signal(record.pid, "SIGKILL");
  while (isAlive(record) && Date.now() < deadline + 5000) await pause(25);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime.
  }
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process, or it is a zombie. */
function startTime(pid: number): string | undefined {
  if (!existsSync("/proc/self/stat")) return signalZero(pid) ? "" : undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function signalZero(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
