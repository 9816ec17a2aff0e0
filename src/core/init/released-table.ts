import { memberOf } from "../../expressions/evaluate.ts";
import { type Evaluated, knownText, makeValue, type Unknown } from "../../expressions/evaluated.ts";
import { addAllTo } from "../../model/lists.ts";
import { eachImage } from "../../model/image-tags.ts";
import type { ReleaseGroup, Service } from "../../model/service.ts";
import { renderTags } from "../../records/tags.ts";
import type { EventReference, EventTable } from "../../workflow/events/compare-events.ts";
import type { EventStep } from "../../workflow/events/event-job.ts";
import { evaluateWorkflow } from "../../workflow/events/evaluate-workflow.ts";
import { otherEvent, publishEvents } from "../../workflow/events/list-events.ts";
import type { EventFacts, PublishEvent } from "../../workflow/events/publish-event.ts";
import { otherTriggers, startOf } from "../../workflow/events/triggers.ts";
import { eventMap, readCallable, type WorkflowFiles } from "../../workflow/events/workflow-files.ts";
import { shortSha } from "../../workflow/adopt/fit-tags.ts";
import { decidePurpose, type Purpose } from "../workspace/decide-purpose.ts";

/** Parts of a project that decide which tags a release gives. */
export interface ReleasedProject {
  readonly services: readonly Pick<Service, "name" | "group" | "images" | "tags" | "imageTags">[];
  readonly groups: readonly ReleaseGroup[];
}

/** Generated workflow, with what its releases tag. */
export interface GeneratedWorkflow {
  readonly file: string;
  readonly files: WorkflowFiles;
  readonly project: ReleasedProject;
}

/** Returns the tags that the releases of a generated workflow give, by event. `facts`: the example refs, with the commit. */
export function releasedTable(workflow: GeneratedWorkflow, facts: EventFacts): EventTable {
  const table = new Map<string, EventReference[]>();
  const events = publishEvents(facts);
  const on = eventMap(readCallable(workflow.file, workflow.files)?.value ?? {});
  // Other workflows, which publish by it, start a called one.
  const others = otherTriggers(on, events).filter((title) => title !== "workflow_call");
  for (const event of [...events, ...others.map((title) => otherEvent(title, facts))])
    addAllTo(table, event.title, releasedOn(workflow, event, facts));
  return table;
}

function releasedOn(workflow: GeneratedWorkflow, event: PublishEvent, facts: EventFacts): EventReference[] {
  const { starts, jobs } = evaluateWorkflow(workflow.file, event, workflow.files);
  return jobs.flatMap((job) => {
    const step = job.steps.find(decides);
    if (step === undefined) return [];
    const purpose = purposeOf(workflow, event, step);
    const around = [starts, job.runs, step.runs];
    if (around.includes(false)) return [];
    const perhaps = [...new Set([...around.flatMap(becauseOf), ...purpose.perhaps])];
    return tagsOf(workflow.project, purpose.purpose, facts.commit).map((reference) => ({
      reference: isOpenCommit(event) ? withOpenSha(reference, facts.commit) : reference,
      perhaps,
    }));
  });
}

/** Whether a step decides what a run releases: the plan, or the release of a single job. */
function decides({ inputs }: EventStep): boolean {
  const command = textOf(inputs.get("command"));
  return command === "plan" || (command === "release" && textOf(inputs.get("jobs")) !== "matrix");
}

function textOf(value: Evaluated | undefined): string {
  return value === undefined ? "" : (knownText(value) ?? "");
}

function becauseOf(runs: boolean | Unknown): readonly string[] {
  return typeof runs === "boolean" ? [] : runs.because;
}

function purposeOf(
  { file, files, project }: GeneratedWorkflow,
  event: PublishEvent,
  { inputs }: EventStep,
): { readonly purpose: Purpose; readonly perhaps: readonly string[] } {
  const release = inputs.get("release");
  const isOpen = release !== undefined && knownText(release) === undefined;
  const written = isOpen ? "true" : textOf(release);
  const ref = knownText(memberOf(event.github, makeValue("ref"))) ?? "refs/pull/0/merge";
  const { activity } = startOf(eventMap(readCallable(file, files)?.value ?? {}), event);
  const cause = {
    event: event.event,
    action: activity,
    ref,
    branch: /^refs\/heads\/(.*)$/s.exec(ref)?.[1],
    tag: /^refs\/tags\/(.*)$/s.exec(ref)?.[1],
  };
  const asked = {
    release: written === "" ? undefined : written === "true",
    version: textOf(inputs.get("version")) || undefined,
    versionFrom: undefined,
    shadow: false,
  };
  const perhaps = isOpen && release.kind !== "value" ? namesOf(release) : [];
  return { purpose: decidePurpose(cause, asked, project.groups), perhaps };
}

function namesOf(value: Evaluated): readonly string[] {
  if (value.kind === "unknown") return value.because;
  return value.kind === "text" ? value.parts.flatMap((part) => (typeof part === "string" ? [] : part.because)) : [];
}

function tagsOf({ services }: ReleasedProject, purpose: Purpose, commit = ""): string[] {
  if (purpose.kind === "build") return [];
  const subject =
    purpose.kind === "version"
      ? ({ kind: "version", version: purpose.version } as const)
      : ({ kind: "branch", branch: purpose.branch, generation: 1, committedAt: "", revision: 1 } as const);
  const group = purpose.kind === "version" ? purpose.group : undefined;
  return services
    .filter((service) => group === undefined || service.group === group)
    .flatMap((service) =>
      eachImage(service).flatMap(({ image, tags: templates }) => {
        const { version, moving } = renderTags(templates, {
          service: service.name,
          group: service.group,
          subject,
          commit,
        });
        return [...version, ...moving].map((tag) => `${image}:${tag}`);
      }),
    );
}

/** Whether the commit of an event is unknown. */
function isOpenCommit({ github }: PublishEvent): boolean {
  return knownText(memberOf(github, makeValue("sha"))) === undefined;
}

/** Replaces the short commit id where the commit is unknown. */
function withOpenSha(reference: string, commit = ""): string {
  return commit === "" ? reference : reference.replaceAll(commit.slice(0, 7), shortSha);
}
