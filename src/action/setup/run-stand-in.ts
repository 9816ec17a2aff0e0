import { runScriptCommand } from "../../core/scripts/script-command.ts";
import { readDropInOptions } from "../../core/drop-in/read-options.ts";
import { errorMessage, exitCodeOf, isInterruption } from "../../errors.ts";
import { terminalText } from "../../formats/terminal-text.ts";
import { readRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { readPluginArguments } from "../../plugin/docker-command.ts";
import { addToJournal, readStandInSettings } from "../../plugin/job-folder.ts";

/** Call of the stand-in: Docker's arguments for its plugin, the path of Docker's own plugin, and the job's folder. */
export interface StandInCall {
  readonly args: readonly string[];
  readonly real: string;
  readonly folder: string;
}

/**
 * Runs one build of a job in place of Docker's buildx plugin, notes it in the job's journal, and returns the exit code. If the job's settings no
 * longer exist, the job has ended, and the build runs without Slipway.
 */
export async function runStandIn(given: Host, { args, real, folder }: StandInCall): Promise<number> {
  const settings = await readStandInSettings(folder);
  const command = readPluginArguments(args);
  if (settings === undefined || command.kind === "other") return given.attach(real, args);
  const host: Host = { ...given, env: { ...settings.env, ...given.env } };
  const all = (words: readonly string[]): readonly string[] => [...command.before, ...words];
  try {
    const { exitCode, notes } = await runScriptCommand(
      {
        host,
        run: await readRun(host.env),
        options: readDropInOptions(settings.inputs, host.env, (name) => `the input "${name}" of the setup step`),
        runReal: (words, more) => given.attach(real, all(words), more),
        printReal: (words, more) => given.run(real, all(words), more),
      },
      command,
    );
    await addToJournal(host, folder, notes).catch(() => undefined);
    return exitCode;
  } catch (error) {
    if (!isInterruption(error)) host.stderr.write(terminalText(`slipway: error: ${errorMessage(error)}\n`));
    return exitCodeOf(error);
  }
}
