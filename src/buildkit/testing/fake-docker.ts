import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { recordingFile, type Recording } from "./fixtures.ts";

/** Behaviour of the fake in one run. */
export type FakeRun =
  | { readonly kind: "replay"; readonly recording: Recording; readonly exitCode: number; readonly digest?: string }
  | { readonly kind: "print"; readonly stdout: string; readonly stderr: string; readonly exitCode: number }
  /** Waits for SIGINT, then exits as buildx does. */
  | { readonly kind: "wait" };

interface FakeInvocation {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An executable `docker` for one test that performs the given runs one after another and records its invocations. */
export interface FakeDocker {
  /** Folder to put in front of `PATH`. */
  readonly folder: string;
  invocations(): readonly FakeInvocation[];
  /** Signal that ended a `wait`; undefined: it is still waiting. */
  endedBy(): string | undefined;
}

export function makeFakeDocker(runs: readonly FakeRun[]): FakeDocker {
  const folder = mkdtempSync(join(tmpdir(), "slipway-fake-docker-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const steps = runs.map((run) => (run.kind === "replay" ? { ...run, file: recordingFile(run.recording) } : run));
  writeFileSync(join(folder, "runs.json"), JSON.stringify(steps));
  writeFileSync(join(folder, "docker"), `#!${process.execPath}\n${program}`, { mode: 0o755 });
  const log = join(folder, "invocations.jsonl");
  const ended = join(folder, "ended");
  return {
    folder,
    invocations: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .split("\n")
            // Text after the last line end is still being written.
            .slice(0, -1)
            .map((line) => JSON.parse(line) as FakeInvocation)
        : [],
    endedBy: () => (existsSync(ended) ? readFileSync(ended, "utf8") : undefined),
  };
}

const program = `
const fs = require("node:fs");
const path = require("node:path");
const folder = path.dirname(process.argv[1]);
const log = path.join(folder, "invocations.jsonl");
const count = fs.existsSync(log) ? fs.readFileSync(log, "utf8").trim().split("\\n").length : 0;
const args = process.argv.slice(2);
const run = JSON.parse(fs.readFileSync(path.join(folder, "runs.json"), "utf8"))[count];
process.on("SIGINT", () => {
  fs.writeFileSync(path.join(folder, "ended"), "SIGINT");
  process.exit(130);
});
fs.appendFileSync(log, JSON.stringify({ args, env: process.env }) + "\\n");
if (run === undefined) {
  process.stderr.write("the fake docker was run once too often\\n");
  process.exit(99);
}
if (run.kind === "wait") setInterval(() => undefined, 1000);
if (run.kind === "print") {
  process.stdout.write(run.stdout);
  process.stderr.write(run.stderr);
  process.exitCode = run.exitCode;
}
if (run.kind === "replay") {
  process.stderr.write(fs.readFileSync(run.file));
  if (run.digest !== undefined) {
    const metadata = args[args.indexOf("--metadata-file") + 1];
    fs.writeFileSync(metadata, JSON.stringify({ "containerimage.digest": run.digest }));
  }
  process.exitCode = run.exitCode;
}
`;
