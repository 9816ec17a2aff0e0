import type { YamlMap, YamlValue } from "../formats/yaml-data.ts";
import { addAll } from "../model/lists.ts";
import { trimEndOf } from "../formats/trim.ts";
import { withMarker } from "./marker.ts";
import type { WorkflowJob, OwnJob, WorkflowStep, WorkflowTrigger, WorkflowModel } from "./model.ts";
import { renderPair, renderYaml, scalar } from "./yaml-value.ts";

/** Renders the workflow file, with comments that give reasons, and a mark by which later runs detect edits. */
export function renderWorkflow(model: WorkflowModel): string {
  const lines = [
    "# Made by `slipway init`, which shows a diff before it writes over changes of yours.",
    ...(model.adoptedFrom.length === 0 ? [] : [`# Takes the place of ${model.adoptedFrom.join(", ")}.`]),
    "",
    `name: ${scalar(model.name)}`,
    ...(model.runName === undefined ? [] : renderPair("run-name", model.runName, 0)),
    "",
    "on:",
    ...model.triggers.flatMap(renderTrigger),
    "",
    "# Nothing, unless a job says what it needs.",
    "permissions: {}",
    ...(Object.keys(model.env).length === 0 ? [] : ["", ...renderPair("env", model.env, 0)]),
    ...(model.defaults === undefined ? [] : ["", ...renderPair("defaults", model.defaults, 0)]),
    "",
    "jobs:",
    ...model.jobs.flatMap((job, index) => [...(index === 0 ? [] : [""]), ...renderJob(job)]),
  ];
  return withMarker(`${lines.join("\n")}\n`);
}

function renderTrigger({ event, settings, why }: WorkflowTrigger): string[] {
  const lines = settings === null ? [`  ${event}:`] : renderPair(event, settings, 2);
  return [...(why === "" ? [] : [`  # ${why}`]), ...lines];
}

function renderJob(job: WorkflowJob): string[] {
  switch (job.kind) {
    case "text":
      return indentText(job.text, 2);
    case "own":
      return renderOwnJob(job);
  }
}

function renderOwnJob(job: OwnJob): string[] {
  const lines: string[] = [
    ...job.comments.map((comment) => `# ${comment}`),
    `${job.id}:`,
    `  name: ${scalar(job.name)}`,
  ];
  const add = (key: string, value: YamlValue | undefined): void => {
    if (value !== undefined) addAll(lines, renderPair(key, value, 2));
  };
  if (job.needs.length > 0) add("needs", job.needs);
  add("if", job.condition);
  add("runs-on", job.runsOn);
  add("timeout-minutes", job.timeoutMinutes);
  add("environment", job.environment);
  addAll(lines, renderPermissions(job));
  if (Object.keys(job.env ?? {}).length > 0) add("env", job.env);
  add("defaults", job.defaults);
  if (job.concurrency !== undefined) {
    const { group, cancelInProgress } = job.concurrency;
    add("concurrency", { group, "cancel-in-progress": cancelInProgress });
  }
  if (job.matrix !== undefined) {
    const { include, atOnce } = job.matrix;
    add("strategy", { "fail-fast": false, "max-parallel": atOnce, matrix: { include } });
  }
  if (Object.keys(job.outputs).length > 0) add("outputs", job.outputs);
  lines.push("  steps:");
  for (const step of job.steps) addAll(lines, indentLines(renderStep(step), 4));
  return indentLines(lines, 2);
}

function renderPermissions({ permissions }: OwnJob): string[] {
  if (permissions.length === 0) return ["  permissions: {}"];
  return ["  permissions:", ...permissions.map(({ scope, level, why }) => `    ${scope}: ${level} # ${why}`)];
}

function renderStep(step: WorkflowStep): string[] {
  switch (step.kind) {
    case "text":
      return indentText(step.text, 0);
    case "run":
      return asItem({ name: step.name, id: step.id, if: step.condition, ...nonEmpty("env", step.env), run: step.run });
    case "uses": {
      const { name, id, uses, called } = step;
      const pinned = called === undefined ? [] : [`  uses: ${uses} # ${called}`];
      const head: YamlMap = { name, id, ...(called === undefined ? { uses } : {}) };
      const rest: YamlMap = { ...nonEmpty("with", step.with), ...nonEmpty("env", step.env) };
      return [...asItem(head), ...pinned, ...renderYaml(rest, 2)];
    }
  }
}

function asItem(map: YamlMap): string[] {
  const [first = "", ...rest] = renderYaml(map, 2);
  return [`- ${first.slice(2)}`, ...rest];
}

function nonEmpty(key: string, map: YamlMap): YamlMap {
  return Object.keys(map).length === 0 ? {} : { [key]: map };
}

function indentText(text: string, by: number): string[] {
  return indentLines(trimEndOf(text, "\n").split("\n"), by);
}

function indentLines(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(by) + line));
}
