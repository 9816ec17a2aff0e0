import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Log } from "./packages.ts";
import { mustRun, run } from "./processes.ts";
import { stateFolder, withLock } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

/** A program that is compiled from a Go module. */
export interface GoProgram {
  /** In messages: "distribution's registry". */
  readonly what: string;
  /** Where it is kept, below the sandbox's folder; its folder's name has the version. */
  readonly file: string;
  /** `github.com/olareg/olareg/cmd/olareg`, and its module's version. */
  readonly package: string;
  readonly version: string;
  /** Further packages of the same module that its source uses. */
  readonly further?: readonly string[];
  /** A `main.go` over the package, where it has no command that suits. */
  readonly source?: string;
}

/**
 * Compiles a program once, however many processes ask for it, and gives its path. It is linked statically.
 * @throws SandboxUnavailable without Go, or where the module cannot be had.
 */
export async function ensureGoProgram(program: GoProgram, log: Log, signal?: AbortSignal): Promise<string> {
  const binary = join(stateFolder(), program.file);
  if (existsSync(binary)) return binary;
  const lock = program.file.replaceAll("/", "-");
  await withLock(
    lock,
    async () => {
      if (!existsSync(binary)) await compile(program, binary, log, signal);
    },
    signal,
  );
  return binary;
}

async function compile(program: GoProgram, binary: string, log: Log, signal?: AbortSignal): Promise<void> {
  const { what, version } = program;
  if ((await run("go", ["version"])).exitCode !== 0) {
    throw new SandboxUnavailable(`${what} is compiled from its Go module, and there is no go command.`);
  }
  log(`compiling ${what} (once)`);
  const folder = join(dirname(binary), "source");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "go.mod"), "module sandbox\n\ngo 1.24.0\n");
  if (program.source !== undefined) writeFileSync(join(folder, "main.go"), program.source);
  const options = { cwd: folder, env: { ...process.env, CGO_ENABLED: "0" }, signal };
  const packages = [program.package, ...(program.further ?? [])].map((name) => `${name}@${version}`);
  const got = await run("go", ["get", ...packages], options);
  signal?.throwIfAborted();
  if (got.exitCode !== 0) {
    throw new SandboxUnavailable(`${what} cannot be had from its Go module: ${got.stderr.trim().slice(-300)}`);
  }
  const tags = "osusergo,netgo,static_build";
  const target = program.source === undefined ? program.package : ".";
  const args = ["build", "-trimpath", "-tags", tags, "-ldflags", "-s -w", "-o", "program", target];
  await mustRun(`compiling ${what}`, "go", args, options);
  chmodSync(join(folder, "program"), 0o755);
  renameSync(join(folder, "program"), binary);
  rmSync(folder, { recursive: true, force: true });
}
