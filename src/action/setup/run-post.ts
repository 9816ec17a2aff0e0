import { recordPushed } from "../../core/drop-in/record-pushed.ts";
import { eventArguments, readEngineImages, type EngineImages } from "../../plugin/engine-events.ts";
import { errorMessage } from "../../errors.ts";
import { annotation, inert } from "../../formats/workflow-command.ts";
import { isHostedRunner } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import type { BuildNote } from "../../plugin/build-note.ts";
import { explainUncovered, type JobFacts, possiblePushes } from "../../plugin/coverage.ts";
import { readJournal, readStandInSettings } from "../../plugin/job-folder.ts";
import type { MachinePlaces } from "../../plugin/machine-stand-in.ts";
import { printLogLine } from "../../report/github-log.ts";
import { makeRegistry } from "../../registry/registry.ts";
import { renderScriptSummary, type ScriptSummary } from "../../report/script-summary.ts";
import type { Runner } from "../runner.ts";
import { readSetupState, removeJobFolder, removeStandIn, restoreVariables } from "./remove-stand-in.ts";

/** End of a setup step. */
export interface SetupEnd {
  readonly host: Host;
  readonly runner: Runner;
  /** Places of the machine's stand-in. Default: Docker's own folder. */
  readonly machine?: MachinePlaces;
}

/**
 * Ends a setup step, also after a cancelled job: restores the state before it, then reports the job's builds and those that did not go through
 * Slipway. A failure of the report is only a warning.
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
    const facts: JobFacts = {
      notes,
      images,
      end,
      buildKit: host.env["DOCKER_BUILDKIT"],
      hasSudo: state.hasMachine,
      isAlone: isHostedRunner(host.env),
    };
    const pushes = await recordPushes(host, facts);
    await report({ host, runner }, { notes, uncovered: explainUncovered(facts), ...pushes });
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

/** Records images that another command than the build pushed, such as `docker push`, so that later runs find them. */
async function recordPushes(host: Host, facts: JobFacts): Promise<Pick<ScriptSummary, "recorded" | "unrecorded">> {
  const registry = makeRegistry(host, { tries: 2 });
  const pushed = new Set(facts.images?.pushed ?? []);
  const recorded: string[] = [];
  const unrecorded: string[] = [];
  for (const { note, references } of possiblePushes(facts)) {
    try {
      const found = await recordPushed(registry, { tags: references, ids: note.ids, pending: note.pending ?? {} });
      if (found !== undefined) recorded.push(found);
      else if (references.some((reference) => pushed.has(withTag(reference)))) unrecorded.push(explainOther(note));
    } catch (error) {
      const because = errorMessage(error).split("\n")[0] ?? "";
      unrecorded.push(`${note.name} was built, and whether it was pushed could not be seen: ${because}`);
    }
  }
  return { recorded, unrecorded };
}

function explainOther({ name }: BuildNote): string {
  return `${name} was pushed, and its tag names another image than the one that was built: not recorded (Docker's classic image store changes manifests when it pushes)`;
}

/** Adds the tag that Docker's engine uses for a reference without one. */
function withTag(reference: string): string {
  return reference.lastIndexOf(":") > reference.lastIndexOf("/") ? reference : `${reference}:latest`;
}

async function report({ host, runner }: Pick<SetupEnd, "host" | "runner">, summary: ScriptSummary): Promise<void> {
  for (const { name, outcome, because } of summary.notes) printLogLine(host, inert(`${name}: ${outcome}: ${because}`));
  for (const reference of summary.recorded)
    printLogLine(host, inert(`${reference}: pushed, and recorded for later runs`));
  for (const sentence of summary.unrecorded) printLogLine(host, inert(sentence));
  for (const sentence of summary.uncovered) warn(host, sentence);
  await runner.addSummary(renderScriptSummary(summary));
}

function warn(host: Host, message: string): void {
  printLogLine(host, annotation("warning", message, { title: "Slipway" }));
}
