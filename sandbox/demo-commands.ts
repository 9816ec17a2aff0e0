import { spawn } from "node:child_process";
import { resolve } from "node:path";

/** The command line that was built. */
export const program = resolve(import.meta.dirname, "../dist/cli/main.js");

/** Aborted by Ctrl-C. */
export const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort(new Error("interrupted")));

export interface Ran {
  readonly exitCode: number;
  readonly seconds: number;
}

export function say(heading: string): void {
  process.stdout.write(`\n== ${heading}\n`);
}

export function note(line: string): void {
  process.stdout.write(`   ${line}\n`);
}

export async function must(ran: Promise<Ran>): Promise<Ran> {
  const result = await ran;
  if (result.exitCode !== 0) throw new Error(`a command of the demo ended with exit code ${result.exitCode}`);
  return result;
}

/** Runs a command where the person sees what it prints; `quiet`: only what it says on stderr when it fails. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  mode: "shown" | "quiet" = "shown",
): Promise<Ran> {
  stop.signal.throwIfAborted();
  if (mode === "shown" && command === process.execPath) tellCommand(args.join(" ").replace(program, "slipway"));
  const started = performance.now();
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: mode === "shown" ? "inherit" : ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("error", fail);
    child.on("close", (code) => {
      if (code !== 0) process.stderr.write(errors);
      done({ exitCode: code ?? 1, seconds: (performance.now() - started) / 1000 });
    });
  });
}

export function tellCommand(line: string): void {
  process.stdout.write(`   $ ${line}\n`);
}

/** Output of a command, trimmed. */
export function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    child.on("error", fail);
    child.on("close", () => done(text.trim()));
  });
}
