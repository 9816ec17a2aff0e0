import { rm } from "node:fs/promises";
import type { DropInContext, DropInOptions } from "../../core/drop-in/request.ts";
import { exitCodeOf } from "../../errors.ts";
import type { Event } from "../../event.ts";
import { type ReadRun, readRun, withJobToken } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { CiRun } from "../../model/ci-run.ts";
import { annotateError } from "../../report/annotate-error.ts";
import { makeGitHubLog, printLogLine } from "../../report/github-log.ts";
import { makeRegistry } from "../../registry/registry.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import { makeJobHost } from "../job-host.ts";
import type { Runner } from "../runner.ts";
import { readStepOptions } from "./step-options.ts";
import { makeStepValues } from "./step-values.ts";

/** Step that replaces one of docker's. */
export interface DropInStep extends Omit<DropInContext, "runBuild"> {
  readonly runner: Runner;
  readonly run: ReadRun;
  readonly options: DropInOptions;
  /** Host with the step's inputs in its environment; programs that it starts do not get them. */
  readonly host: Host;
  /** Folder of this step, which is removed at its end. */
  readonly folder: string;
  /** Tags with fingerprints that were written for the first time. */
  readonly firstTags: readonly string[];
}

/** Opens a step, does its work, and returns the exit code. An error becomes an annotation. */
export async function runStep(
  host: Host,
  openRunner: (ci: CiRun) => Runner,
  work: (step: DropInStep) => Promise<number>,
): Promise<number> {
  const log = makeGitHubLog(host, { follows: true });
  let folder: string | undefined;
  try {
    const run = withTokenOfStep(await readRun(host.env), makeStepValues(host.env).text("github-token"));
    for (const message of run.warnings) log.emit({ kind: "warning", message });
    const options = readStepOptions(host.env);
    folder = await makeTemporaryFolder(host, "build", run.ci.files.temporary);
    const own = { ...makeJobHost(host, { cwd: host.cwd, env: {}, own: {} }), env: host.env };
    const firstTags: string[] = [];
    const emit = (event: Event): void => {
      if (event.kind === "tag" && event.state === "created" && event.tag.startsWith("fp-")) {
        firstTags.push(`${event.image}:${event.tag}`);
      }
      log.emit(event);
    };
    const registry = makeRegistry(own, { emit });
    return await work({ host: own, runner: openRunner(run.ci), run, options, emit, registry, folder, firstTags });
  } catch (error) {
    for (const line of annotateError(error)) printLogLine(host, line);
    return exitCodeOf(error);
  } finally {
    log.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Uses the token of the step's input, which is for contexts in the run's own repository. */
function withTokenOfStep(run: ReadRun, token: string): ReadRun {
  return token === "" ? run : { ...run, tokens: withJobToken(run.tokens, token).tokens };
}
