import { runBuildx } from "../../buildkit/buildx.ts";
import type { RunCallersBuild } from "../../core/drop-in/request.ts";
import { inert } from "../../formats/workflow-command.ts";
import type { Host } from "../../host.ts";
import { printLogLine } from "../../report/github-log.ts";

/** Runs buildx in a step, and shows its output in the job's log. */
export interface StepBuild {
  readonly run: RunCallersBuild;
  /** Returns the result of the last run; undefined: none has ended. */
  ended(): EndedBuild | undefined;
}

/** Result of a run of buildx. */
export interface EndedBuild {
  readonly exitCode: number;
  /** First lines of its standard output. */
  readonly printed: readonly string[];
  /** Last lines of its standard error. */
  readonly stderrLines: readonly string[];
  readonly seconds: number;
}

const keptLines = 1000;

/** Makes the runner of builds. `env`: variables added to each run. */
export function makeStepBuild(host: Host, env: Readonly<Record<string, string>> = {}): StepBuild {
  let ended: EndedBuild | undefined;
  const run: RunCallersBuild = async (args, options) => {
    const started = host.monotonic();
    const stderrLines: string[] = [];
    const printed: string[] = [];
    const show = (line: string, kept: string[]): void => {
      printLogLine(host, inert(line));
      kept.push(line);
      if (kept.length > keptLines) kept.shift();
    };
    printLogLine(host, inert(`[command]docker buildx ${args.join(" ")}`));
    const { exitCode } = await runBuildx(host, args, {
      cwd: options.cwd,
      env: { ...options.env, ...env, BUILDX_METADATA_WARNINGS: "true" },
      onStdoutLine: (line) => (printed.length === keptLines ? printLogLine(host, inert(line)) : show(line, printed)),
      onStderrLine: (line) => show(line, stderrLines),
    });
    const seconds = (host.monotonic() - started) / 1000;
    ended = { exitCode, printed, stderrLines, seconds };
    return { exitCode, stderrLines };
  };
  return { run, ended: () => ended };
}

/** Returns the last line that is not empty, which docker's actions use as the error message. */
export function lastLine(stderrLines: readonly string[]): string | undefined {
  return stderrLines.map((line) => line.trim()).findLast((line) => line !== "");
}
