import { asMap, type YamlMap, type YamlValue, yamlText } from "../formats/yaml-data.ts";
import { findSpans, expressionDelimiters } from "../formats/spans.ts";
import type { ShellText } from "../shell/expand-word.ts";
import { calledWorkflow, usedAction, type WorkflowFiles } from "../workflow/events/workflow-files.ts";
import type { Link } from "./publisher.ts";
import { parseSource, type SourceFile, type YamlPath } from "./source-file.ts";
import type { JobRun, StepRun } from "./step-run.ts";

/** Limit of nested calls of workflows and of actions. Source: GitHub's limits are 10 for each. */
const deepestCall = 10;

/** Returns the jobs of a workflow as written: every expression is unknown, a matrix is one job, and every step may run. */
export function writtenRuns(source: SourceFile, files: WorkflowFiles, via: readonly Link[] = []): readonly JobRun[] {
  const jobs = asMap(source.value["jobs"]);
  const workflow = via[0]?.from.file ?? source.file;
  return Object.entries(jobs).flatMap(([id, job]): readonly JobRun[] => {
    const value = asMap(job);
    const path = ["jobs", id];
    const called = calledSource(value, files);
    if (called !== undefined && via.length < deepestCall) {
      const link: Link = { kind: "called-workflow", name: called.file, from: source.placeOf([...path, "uses"]) };
      return writtenRuns(called, files, [...via, link]);
    }
    const env = { ...asMap(source.value["env"]), ...asMap(value["env"]) };
    const written = [value, source.value].map((each) => asMap(asMap(each["defaults"])["run"])["working-directory"]);
    const folder = yamlText(written.find((each) => each !== undefined) ?? ".");
    const steps = stepsOf({ source, files, via, env, folder }, [...path, "steps"], value["steps"]);
    return [{ workflow, id, value, source, path, via, starts: true, runs: true, steps }];
  });
}

function calledSource(job: YamlMap, files: WorkflowFiles): SourceFile | undefined {
  const called = calledWorkflow(job, files);
  return called === undefined ? undefined : readSource(called.file, files);
}

function readSource(path: string, files: WorkflowFiles): SourceFile | undefined {
  const text = files.read(path);
  return text === undefined ? undefined : parseSource(path, text);
}

interface Around {
  readonly source: SourceFile;
  readonly files: WorkflowFiles;
  readonly via: readonly Link[];
  readonly env: YamlMap;
  readonly folder: string;
}

function stepsOf(around: Around, path: YamlPath, steps: YamlValue | undefined): StepRun[] {
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((each: YamlValue, index): StepRun[] => {
    const value = asMap(each);
    const env = { ...around.env, ...asMap(value["env"]) };
    const step: StepRun = {
      source: around.source,
      path: [...path, index],
      value,
      via: around.via,
      runs: true,
      folder: asWritten(yamlText(value["working-directory"] ?? around.folder)),
      env: new Map(Object.entries(env).map(([name, text]) => [name, asWritten(yamlText(text))])),
      fill: asWritten,
    };
    const used = usedAction(value, around.files);
    const action = used === undefined ? undefined : readSource(used.file, around.files);
    if (action === undefined || around.via.length >= deepestCall) return [step];
    const link: Link = {
      kind: "local-action",
      name: action.file,
      from: around.source.placeOf([...path, index, "uses"]),
    };
    const inner = { ...around, source: action, via: [...around.via, link], env };
    return [step, ...stepsOf(inner, ["runs", "steps"], asMap(action.value["runs"])["steps"])];
  });
}

/** Keeps expressions as they are written, and lists them as unknown. */
function asWritten(text: string): ShellText {
  const spans = findSpans(text, [expressionDelimiters]);
  return { text, unknown: [...new Set(spans.map(({ start, end }) => text.slice(start, end)))] };
}
