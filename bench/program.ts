import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "../sandbox/processes.ts";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The built package, in a place of its own, where no other build replaces it while it is measured. */
export interface Program {
  readonly main: string;
  remove(): void;
}

/** Builds the package and copies it to where it finds its dependencies; or uses what was built elsewhere (`main`). */
export async function buildProgram(main?: string): Promise<Program> {
  if (main !== undefined) return { main: resolve(main), remove: () => undefined };
  await mustRun("building the package", process.execPath, [join(root, "scripts/setup.mjs"), "build"], { cwd: root });
  mkdirSync(join(root, ".sandbox"), { recursive: true });
  const folder = mkdtempSync(join(root, ".sandbox", "bench-program-"));
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  return {
    main: join(folder, "dist/cli/main.js"),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export interface Timed {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Variables of the process that would change what is measured: CI's own; proxies, since all servers are on this machine; and what Node reads at
 * its start, which is this machine's own: a file of certificates takes 50 ms of each start.
 */
const foreign = /^(GITHUB_|ACTIONS_|RUNNER_|SLIPWAY_|BUILDX_|BUILDKIT_)|^CI$|_proxy$|^NODE_(EXTRA_CA_CERTS|OPTIONS)$/i;

/** This process's environment without what would change what a program does. */
export function cleanEnvironment(): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || foreign.test(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(own);
}

/** Runs a program to its end; rejects, with its last lines, when it fails. */
export function timed(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Timed> {
  const { cwd, signal } = options;
  const env = { ...cleanEnvironment(), CI: "true", ...options.env };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const started = performance.now();
    const child = spawn(program, args, { cwd, env, signal, stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = (performance.now() - started) / 1000;
      if (code === 0) return resolve({ seconds, ...text });
      const last = (text.stderr || text.stdout).trim().split("\n").slice(-12).join("\n");
      reject(new Error(`${program} ${args.slice(0, 6).join(" ")} … ended with ${code ?? "a signal"}:\n${last}`));
    });
  });
}
