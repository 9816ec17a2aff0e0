import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as delay } from "node:timers/promises";
import { SlipwayError } from "./errors.ts";
import type { AttachOptions, Fetch, Host, Input, Output, ProcessResult, RunOptions } from "./host.ts";

/** The host that really acts: this process's environment, streams and network. `signal` stops everything it runs. */
export function makeNodeHost(options: { signal?: AbortSignal; env?: NodeJS.ProcessEnv; cwd?: string } = {}): Host {
  const env = options.env ?? process.env;
  const signal = options.signal ?? new AbortController().signal;
  const cwd = options.cwd ?? process.cwd();
  const host: Host = {
    env,
    cwd,
    ...makeFetch(env),
    input: makeInput(process.stdin),
    stdout: makeOutput(process.stdout),
    stderr: makeOutput(process.stderr),
    signal,
    now: () => new Date().toISOString(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    processId: process.pid,
    isRunning: isProcessRunning,
    sleep: async (milliseconds, own) => {
      const both = own === undefined ? signal : AbortSignal.any([signal, own]);
      try {
        await delay(milliseconds, undefined, { signal: both });
      } catch (error) {
        throw new SlipwayError("interrupted", "interrupted while waiting", { cause: error });
      }
    },
    run: (program, args, runOptions = {}) => runProcess(program, args, { cwd, ...runOptions }, { env, signal }),
    attach: (program, args, more = {}) => attachProcess(program, args, { cwd, ...more }, { env, signal }),
  };
  return host;
}

function isProcessRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // It is there, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function makeInput(stream: NodeJS.ReadStream): Input {
  return {
    get isTTY() {
      return stream.isTTY;
    },
    readAll: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
      return Buffer.concat(chunks);
    },
    readLine: async () => {
      const lines = createInterface({ input: stream });
      try {
        const { value, done } = await lines[Symbol.asyncIterator]().next();
        return done === true ? undefined : value;
      } finally {
        lines.close();
      }
    },
  };
}

/** A pseudo-terminal that nobody sized says 0. */
function makeOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}

/** Loaded when it is needed: TLS takes its time to load, and not every command speaks to anybody. */
function makeFetch(env: NodeJS.ProcessEnv): Pick<Host, "fetch" | "prepareFetch"> {
  let loading: Promise<Fetch> | undefined;
  const load = (): Promise<Fetch> => (loading ??= import("./http/fetch.ts").then((http) => http.makeFetch(env)));
  return {
    fetch: async (url, init) => (await load())(url, init),
    // Whoever fetches hears of its fault.
    prepareFetch: () => void load().catch(() => undefined),
  };
}

function runProcess(
  program: string,
  args: readonly string[],
  options: RunOptions,
  own: Pick<Host, "env" | "signal">,
): Promise<ProcessResult> {
  const signal = options.signal === undefined ? own.signal : AbortSignal.any([own.signal, options.signal]);
  if (signal.aborted) return Promise.reject(interrupted(program));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...own.env, ...options.env },
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const output = readOutput(child, options);
    writeInput(child, options.stdin);
    const settle = stopOnAbort(child, signal, (options.killAfterSeconds ?? 10) * 1000);
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(unavailable(program, error));
    });
    child.on("close", (code, ended) => {
      settle();
      const { stdout, stderr } = output();
      if (signal.aborted) return reject(interrupted(program));
      resolve({ exitCode: exitCodeOf(code, ended), stdout, stderr });
    });
  });
}

/** Collects what a process writes, or hands it over line by line. The callback ends the last line, and gives what was collected. */
function readOutput(
  { stdout, stderr }: ChildProcess,
  { onStdoutLine, onStderrLine }: RunOptions,
): () => Pick<ProcessResult, "stdout" | "stderr"> {
  const chunks: Uint8Array[] = [];
  const stdoutLines = makeLines(onStdoutLine);
  const stderrLines = makeLines(onStderrLine);
  const errors = new StringDecoder("utf8");
  let errorText = "";
  stdout?.on("data", (chunk: Uint8Array) => {
    if (onStdoutLine === undefined) chunks.push(chunk);
    else stdoutLines.push(chunk);
  });
  stderr?.on("data", (chunk: Buffer) => {
    if (onStderrLine === undefined) errorText += errors.write(chunk);
    else stderrLines.push(chunk);
  });
  return () => {
    stdoutLines.end();
    stderrLines.end();
    return { stdout: Buffer.concat(chunks), stderr: errorText };
  };
}

function writeInput({ stdin: stream }: ChildProcess, stdin: RunOptions["stdin"]): void {
  if (stream === null || stdin === undefined) return;
  // A program that ends before it has read everything closes its end of the pipe; its exit code says whether that is a fault.
  stream.on("error", () => undefined);
  if (typeof stdin === "string" || stdin instanceof Uint8Array) stream.end(stdin);
  else stdin.pipe(stream);
}

/** Interrupts a process when the signal is aborted, and kills it when it still runs after that time. The callback ends the watch. */
function stopOnAbort(child: ChildProcess, signal: AbortSignal, killAfterMs: number): () => void {
  let killTimer: NodeJS.Timeout | undefined;
  const kill = (): void => {
    child.kill("SIGKILL");
    // Processes that the child started may live on and hold its streams open; `close` must not wait for them.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const stop = (): void => {
    child.kill("SIGINT");
    killTimer = setTimeout(kill, killAfterMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  return () => {
    clearTimeout(killTimer);
    signal.removeEventListener("abort", stop);
  };
}

function attachProcess(
  program: string,
  args: readonly string[],
  { cwd, env, stdin }: AttachOptions,
  { env: hostEnv, signal }: Pick<Host, "env" | "signal">,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...hostEnv, ...env },
      stdio: [stdin === undefined ? "inherit" : "pipe", "inherit", "inherit"],
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
    const stop = (): void => void child.kill("SIGINT");
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    child.on("error", (error: NodeJS.ErrnoException) => reject(unavailable(program, error)));
    child.on("close", (code, ended) => {
      signal.removeEventListener("abort", stop);
      resolve(exitCodeOf(code, ended));
    });
  });
}

/** As a shell has it. */
function exitCodeOf(code: number | null, ended: NodeJS.Signals | null): number {
  return code ?? 128 + (ended === null ? 0 : constants.signals[ended]);
}

function unavailable(program: string, error: NodeJS.ErrnoException): SlipwayError {
  const message = error.code === "ENOENT" ? `${program} is not installed or not in PATH` : error.message;
  return new SlipwayError("program-unavailable", `running ${program}: ${message}`, { cause: error, data: { program } });
}

function interrupted(program: string): SlipwayError {
  return new SlipwayError("interrupted", `interrupted while running ${program}`);
}

/** Cuts a byte stream into lines of text, without their line ends. */
function makeLines(onLine: ((line: string) => void) | undefined): { push(chunk: Uint8Array): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push(chunk) {
      const lines = (rest + decoder.write(Buffer.from(chunk))).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line.endsWith("\r") ? line.slice(0, -1) : line);
    },
    end() {
      rest += decoder.end();
      if (rest !== "") onLine?.(rest);
      rest = "";
    },
  };
}
