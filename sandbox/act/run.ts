import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type ActJob, makeActLog } from "./log.ts";
import type { ActTools } from "./tools.ts";

/** One run of a workflow. */
export interface ActOptions {
  readonly tools: ActTools;
  /** A working tree: its workflows are run, and the commit that is checked out is `GITHUB_SHA`. */
  readonly repo: string;
  /** The workflow, relative to `repo`. */
  readonly workflow: string;
  readonly event: string;
  /** The event's payload. */
  readonly payload: object;
  /** Labels of `runs-on`, each of them this machine. A label that is missing here makes its jobs disappear. */
  readonly labels: readonly string[];
  /** What `uses:` names, with folders to take in its place: `acme/tool@v1`. */
  readonly actions: Readonly<Record<string, string>>;
  /** What `github.token` is. */
  readonly token: string;
  /** The variables of the jobs, as GitHub sets them. */
  readonly jobEnv: Readonly<Record<string, string>>;
  /** The environment of act itself, which every step inherits. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What became of a run. */
export interface ActRun {
  readonly exitCode: number;
  /** Of act, from its start to its end. */
  readonly seconds: number;
  readonly jobs: readonly ActJob[];
  /** All that act wrote, for messages about a run that went wrong. */
  readonly text: string;
  /** The one job of that key. Throws when there is none, or when it is a matrix of several. */
  job(id: string): ActJob;
  /** Results by key; of a matrix by `KEY SERVICE`. What was skipped is not there. */
  results(): Readonly<Record<string, ActJob["result"]>>;
}

export interface RunningAct {
  readonly ended: Promise<ActRun>;
  /** What a cancelled run gets: SIGINT. */
  interrupt(): void;
}

/** Starts act with everything of its own: home, caches and settings go when it has ended. */
export function startAct(options: ActOptions): RunningAct {
  const home = mkdtempSync(join(tmpdir(), "slipway-act-"));
  const eventFile = join(home, "event.json");
  mkdirSync(join(home, "xdg"));
  writeFileSync(eventFile, JSON.stringify(options.payload));
  const began = performance.now();
  const child = spawn(options.tools.act, actArguments(options, eventFile), {
    cwd: options.repo,
    env: { ...options.env, HOME: home, XDG_CONFIG_HOME: join(home, "xdg"), XDG_CACHE_HOME: join(home, "cache") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const interrupt = (): void => void child.kill("SIGINT");
  options.signal?.addEventListener("abort", interrupt);
  const log = makeActLog();
  let text = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    text += `${line}\n`;
    log.add(line, performance.now());
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = new Promise<ActRun>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      options.signal?.removeEventListener("abort", interrupt);
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
      done(describe(code ?? 130, (performance.now() - began) / 1000, log.jobs(), text));
    });
  });
  return { ended, interrupt };
}

function actArguments(options: ActOptions, eventFile: string): string[] {
  const pairs = (flag: string, map: Readonly<Record<string, string>>): string[] =>
    Object.entries(map).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const what = ["-C", options.repo, "-W", options.workflow, "-e", eventFile];
  return [
    options.event,
    ...what,
    "--json",
    "--no-cache-server",
    "--action-offline-mode",
    ...options.labels.flatMap((label) => ["-P", `${label}=-self-hosted`]),
    ...pairs("--local-repository", options.actions),
    ...pairs("-s", { GITHUB_TOKEN: options.token }),
    ...pairs("--env", options.jobEnv),
  ];
}

function describe(exitCode: number, seconds: number, jobs: readonly ActJob[], text: string): ActRun {
  return {
    exitCode,
    seconds,
    jobs,
    text,
    job(id) {
      const found = jobs.filter((job) => job.id === id);
      const [only] = found;
      if (only !== undefined && found.length === 1) return only;
      const there = jobs.map((job) => job.name).join(", ");
      throw new Error(`there are ${found.length} jobs "${id}", not one; those that ran: ${there}\n${text}`);
    },
    results: () =>
      Object.fromEntries(jobs.map(({ id, matrix, result }) => [`${id} ${matrix["service"] ?? ""}`.trim(), result])),
  };
}
