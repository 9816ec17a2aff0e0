import { eventArguments, readEngineImages, type EngineImages } from "../../plugin/engine-events.ts";
import { errorMessage } from "../../errors.ts";
import { annotation, inert } from "../../formats/workflow-command.ts";
import { isHostedRunner } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import { explainUncovered } from "../../plugin/coverage.ts";
import { readJournal, readStandInSettings } from "../../plugin/job-folder.ts";
import type { MachinePlaces } from "../../plugin/machine-stand-in.ts";
import { printLogLine } from "../../report/github-log.ts";
import { renderScriptSummary } from "../../report/script-summary.ts";
import type { Runner } from "../runner.ts";
import { readSetupState, removeJobFolder, removeStandIn, restoreVariables } from "./remove-stand-in.ts";

/** The end of a setup step. */
export interface SetupEnd {
  readonly host: Host;
  readonly runner: Runner;
  /** Where the machine's stand-in lies; default: Docker's own folder. */
  readonly machine?: MachinePlaces;
}

/**
 * Ends a setup step, also after a job that was cancelled: puts back what was there, then reports what became of the job's builds and what
 * did not go through Slipway. A report that fails is a warning.
 */
export async function runPost({ host, runner, machine }: SetupEnd): Promise<void> {
  const state = readSetupState(runner);
  if (state.job === "") return;
  const { end, faults } = await removeStandIn(host, state, machine);
  restoreVariables(runner, state);
  for (const fault of faults) warn(host, fault);
  try {
    const settings = await readStandInSettings(state.job);
    if (settings === undefined) return;
    const notes = await readJournal(state.job);
    const images = await askEngine(host, settings.since);
    const facts = {
      notes,
      images,
      end,
      buildKit: host.env["DOCKER_BUILDKIT"],
      hasSudo: state.hasMachine,
      isAlone: isHostedRunner(host.env),
    };
    await report({ host, runner }, notes, explainUncovered(facts));
  } catch (error) {
    warn(host, `the builds of this job are not reported: ${errorMessage(error)}`);
  } finally {
    await removeJobFolder(state);
  }
}

async function askEngine(host: Host, since: string): Promise<EngineImages | undefined> {
  const answer = await host.run("docker", eventArguments(since, host.now())).catch(() => undefined);
  return answer?.exitCode === 0 ? readEngineImages(new TextDecoder().decode(answer.stdout)) : undefined;
}

async function report(
  { host, runner }: Pick<SetupEnd, "host" | "runner">,
  notes: readonly BuildNote[],
  uncovered: readonly string[],
): Promise<void> {
  for (const { name, outcome, because } of notes) printLogLine(host, inert(`${name}: ${outcome}: ${because}`));
  for (const sentence of uncovered) warn(host, sentence);
  await runner.addSummary(renderScriptSummary({ notes, uncovered, recorded: [], unrecorded: [] }));
}

function warn(host: Host, message: string): void {
  printLogLine(host, annotation("warning", message, { title: "Slipway" }));
}
