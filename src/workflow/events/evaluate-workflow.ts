import { addAll } from "../../model/lists.ts";
import type { ExpressionScope } from "../../expressions/evaluate.ts";
import {
  asTextValue,
  unknownReasons,
  type Dictionary,
  type Evaluated,
  makeObject,
  makeText,
  makeValue,
  nothing,
  unknown,
  type Unknown,
} from "../../expressions/evaluated.ts";
import { areEqual } from "../../expressions/compare.ts";
import { conjunction, evaluateCondition, evaluateData, evaluateTemplate } from "../../expressions/template.ts";
import { asMap, type YamlMap, type YamlValue, yamlText, yamlTexts } from "../../formats/yaml-data.ts";
import type { EventCall, EventJob } from "./event-job.ts";
import { evaluateSteps, runnerLabel } from "./evaluate-steps.ts";
import { expandMatrix } from "./expand-matrix.ts";
import { type ContextMap, runnerContext, withContexts, workflowContexts } from "./job-scope.ts";
import type { PublishEvent } from "./publish-event.ts";
import { startOf } from "./triggers.ts";
import { calledWorkflow, type CallableFile, eventMap, readCallable, type WorkflowFiles } from "./workflow-files.ts";

/** Jobs and steps that a workflow runs on one event. */
export interface EventRun {
  readonly starts: boolean | Unknown;
  readonly jobs: readonly EventJob[];
  /** Outputs that a called workflow returns to its caller. */
  readonly outputs: Evaluated;
}

/** Limit of workflows that call further ones. Source: GitHub's "Reusing workflows". */
const deepestCall = 10;
const notStarted: EventRun = { starts: false, jobs: [], outputs: makeObject({}) };

/** Evaluates the jobs and steps of a workflow on an event. There are none if the event does not start it, or if it is not valid YAML. */
export function evaluateWorkflow(file: string, event: PublishEvent, files: WorkflowFiles): EventRun {
  const workflow = readCallable(file, files);
  if (workflow === undefined) return notStarted;
  const on = eventMap(workflow.value);
  const { starts, activity } = startOf(on, event);
  if (starts === false) return notStarted;
  const github = githubOfRun(event, activity, on);
  const contexts = workflowContexts(event, github, dispatchInputs(on, event));
  return { ...runWorkflow({ workflow, files, contexts, via: [], runs: starts }), starts };
}

/** Completes the `github` context by values that depend on the workflow's own triggers. */
function githubOfRun(event: PublishEvent, activity: string | undefined, on: YamlMap): Evaluated {
  const payload = event.github.members.get("EVENT")?.value;
  if (payload?.kind !== "object") return event.github;
  const crons = Array.isArray(on["schedule"]) ? (on["schedule"] as readonly YamlValue[]) : [];
  const [cron] = crons;
  const more: Record<string, Evaluated> = {
    ...(activity === undefined ? {} : { action: makeValue(activity) }),
    ...(event.event === "schedule" && crons.length === 1 ? { schedule: makeValue(yamlText(asMap(cron)["cron"])) } : {}),
  };
  return withMembers(event.github, { event: withMembers(payload, more) });
}

function withMembers(object: Dictionary, more: Readonly<Record<string, Evaluated>>): Dictionary {
  const members = [...object.members.values()].map(({ name, value }) => [name, value] as const);
  return makeObject([...members, ...Object.entries(more)], object.rest);
}

/** Returns the inputs of a dispatch or of a call from elsewhere, which are unknown; other events have none. */
function dispatchInputs(on: YamlMap, { event }: PublishEvent): Evaluated {
  if (event !== "workflow_dispatch" && event !== "workflow_call") return makeObject({});
  const declared = asMap(asMap(on[event])["inputs"]);
  return makeObject(
    Object.entries(declared).map(([name, input]) => {
      const isBoolean = yamlText(asMap(input)["type"]) === "boolean";
      return [name, unknown(`inputs.${name}`, isBoolean ? { isBoolean } : {})] as const;
    }),
  );
}

/** Workflow that runs by itself, or because another one calls it. */
interface Call {
  readonly workflow: CallableFile;
  readonly files: WorkflowFiles;
  readonly contexts: ContextMap;
  readonly via: readonly EventCall[];
  readonly runs: boolean | Unknown;
}

/** Result of a job, for the jobs that need it. */
interface JobResult {
  readonly runs: boolean | Unknown;
  readonly outputs: Evaluated;
  /** Whether the job and all jobs that it needs, directly or not, run. */
  readonly success: boolean | Unknown;
}

interface Running extends Call {
  readonly env: ReadonlyMap<string, Evaluated>;
  readonly results: Map<string, JobResult>;
  readonly jobs: EventJob[];
}

function runWorkflow(call: Call): Omit<EventRun, "starts"> {
  const { value } = call.workflow;
  const env = variablesOf(value["env"], { contexts: call.contexts });
  const running: Running = { ...call, env, results: new Map(), jobs: [] };
  const jobs = asMap(value["jobs"]);
  for (const id of inOrder(jobs)) running.results.set(id, runJob(running, id, asMap(jobs[id])));
  const outputs = makeObject(
    [...running.results].map(
      ([id, result]) => [id, makeObject({ outputs: result.outputs, result: resultOf(result.runs) })] as const,
    ),
  );
  const scope: ExpressionScope = { contexts: withContexts(call.contexts, { jobs: outputs }) };
  const declared = asMap(asMap(eventMap(value)["workflow_call"])["outputs"]);
  return {
    jobs: running.jobs,
    outputs: makeObject(
      Object.entries(declared).map(([name, output]) => [name, evaluateData(asMap(output)["value"], scope)] as const),
    ),
  };
}

/** Sorts jobs so that each comes after the jobs it needs; jobs that need each other keep the order of the file. */
function inOrder(jobs: YamlMap): string[] {
  const left = new Set(Object.keys(jobs));
  const order: string[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((id) => yamlTexts(asMap(jobs[id])["needs"]).every((need) => !left.has(need)));
    for (const id of ready.length > 0 ? ready : left) {
      order.push(id);
      left.delete(id);
    }
  }
  return order;
}

function variablesOf(env: YamlValue | undefined, scope: ExpressionScope): Map<string, Evaluated> {
  return new Map(
    Object.entries(asMap(env)).map(
      ([name, text]) => [name, asTextValue(evaluateTemplate(yamlText(text), scope))] as const,
    ),
  );
}

function resultOf(runs: boolean | Unknown): Evaluated {
  return typeof runs === "boolean" ? makeValue(runs ? "success" : "skipped") : makeText([{ because: runs.because }]);
}

function runJob(running: Running, id: string, value: YamlMap): JobResult {
  const needs = yamlTexts(value["needs"]).map((name) => [name, running.results.get(name)] as const);
  const needed = needs.map(([, result]) => result?.success ?? true).reduce(conjunction, true);
  const contexts = withContexts(running.contexts, {
    needs: makeObject(
      needs.map(([name, result]) => {
        const outputs = result?.outputs ?? makeObject({});
        return [name, makeObject({ outputs, result: resultOf(result?.runs ?? false) })] as const;
      }),
    ),
  });
  const success = typeof needed === "boolean" ? makeValue(needed) : needed;
  const status = { success, failure: makeValue(false), cancelled: makeValue(false) };
  const condition = value["if"] === undefined || value["if"] === null ? "" : yamlText(value["if"]);
  const runs = conjunction(running.runs, evaluateCondition(condition, { contexts, status }));
  if (runs === false) return { runs, outputs: makeObject({}), success: false };
  const outputs = runRows(running, { id, value, contexts, runs });
  return { runs, outputs, success: conjunction(needed, runs) };
}

interface Job {
  readonly id: string;
  readonly value: YamlMap;
  readonly contexts: ContextMap;
  readonly runs: boolean | Unknown;
}

/** Runs each job of a matrix, and returns the outputs that all have in common. */
function runRows(running: Running, job: Job): Evaluated {
  const strategy = asMap(job.value["strategy"]);
  const found = expandMatrix(evaluateData(strategy["matrix"] ?? null, { contexts: job.contexts }));
  const rows: readonly Evaluated[] =
    found.kind === "rows"
      ? found.rows
      : [
          unknown(
            found.kind === "unknown"
              ? ["matrix", ...found.because.because]
              : ["matrix", "a matrix of more than 256 jobs"],
          ),
        ];
  const outputs = rows.map((matrix, index) => {
    const contexts = withContexts(job.contexts, {
      matrix: withoutReasons(matrix),
      strategy: makeObject(
        {
          "job-index": makeValue(index),
          "job-total": found.kind === "rows" ? makeValue(rows.length) : unknown("strategy.job-total"),
        },
        "strategy",
      ),
    });
    return runOne(running, { ...job, contexts }, matrix);
  });
  return outputs.reduce(sameOutputs, outputs[0] ?? makeObject({}));
}

/** Names an unknown matrix `matrix`, in place of its reasons, so that its members are called `matrix.NAME`. */
function withoutReasons(matrix: Evaluated): Evaluated {
  return matrix.kind === "unknown" ? unknown("matrix") : matrix;
}

/** Combines the outputs of two jobs of a matrix. An output is known only if both write the same value, because the job that ends last decides. */
function sameOutputs(left: Evaluated, right: Evaluated): Evaluated {
  if (left === right) return left;
  if (left.kind !== "object" || right.kind !== "object") return unknown(unknownReasons(left, right));
  const names = new Map([...left.members, ...right.members]);
  return makeObject(
    [...names].map(([key, { name }]) => {
      const [mine, theirs] = [left.members.get(key)?.value ?? nothing, right.members.get(key)?.value ?? nothing];
      const isSame = areEqual(mine, theirs) === true;
      return [
        name,
        isSame ? mine : unknown([...unknownReasons(mine, theirs), `which job of the matrix ends last (${name})`]),
      ] as const;
    }),
    left.rest ?? right.rest,
  );
}

function runOne(running: Running, job: Job, matrix: Evaluated): Evaluated {
  const called = calledWorkflow(job.value, running.files);
  if (called !== undefined && running.via.length < deepestCall) return runCalled(running, job, called);
  const { id, value, contexts, runs } = job;
  const scope: ExpressionScope = { contexts };
  const env = new Map([...running.env, ...variablesOf(value["env"], scope)]);
  const results = evaluateSteps({
    file: running.workflow.file,
    path: ["jobs", id, "steps"],
    steps: value["steps"],
    via: running.via,
    files: running.files,
    contexts: withContexts(contexts, { runner: runnerContext(runnerLabel(value["runs-on"], scope)) }),
    env,
    folder: folderOf(running.workflow.value, value, { contexts: withContexts(contexts, { env: makeObject(env) }) }),
    runs: true,
  });
  const { file } = running.workflow;
  running.jobs.push({ file, id, path: ["jobs", id], value, via: running.via, matrix, runs, steps: results.steps });
  if (value["steps"] === undefined) return makeObject({}, `needs.${id}.outputs`);
  const after: ExpressionScope = {
    contexts: withContexts(contexts, { steps: results.context, env: makeObject(results.env, "env") }),
  };
  return makeObject(
    Object.entries(asMap(value["outputs"])).map(
      ([name, text]) => [name, asTextValue(evaluateTemplate(yamlText(text), after))] as const,
    ),
  );
}

/** Returns the working folder of scripts: the job's default, else the workflow's. */
function folderOf(workflow: YamlMap, job: YamlMap, scope: ExpressionScope): Evaluated {
  const written = [job, workflow].map((each) => asMap(asMap(each["defaults"])["run"])["working-directory"]);
  const folder = written.find((each) => each !== undefined);
  return folder === undefined ? makeValue(".") : asTextValue(evaluateTemplate(yamlText(folder), scope));
}

function runCalled(running: Running, job: Job, called: CallableFile): Evaluated {
  const path = ["jobs", job.id, "uses"];
  const call: EventCall = { kind: "called-workflow", file: called.file, from: { file: running.workflow.file, path } };
  const given = asMap(job.value["with"]);
  const inputs = Object.entries(asMap(asMap(eventMap(called.value)["workflow_call"])["inputs"])).map(
    ([name, input]) => {
      const written = given[name] ?? asMap(input)["default"] ?? absent(yamlText(asMap(input)["type"]));
      return [name, evaluateData(written, { contexts: job.contexts })] as const;
    },
  );
  // A called workflow does not see the `matrix` and `needs` of its caller.
  const contexts = new Map([...running.contexts, ["inputs", makeObject(inputs)] as const]);
  const { jobs, outputs } = runWorkflow({
    workflow: called,
    files: running.files,
    contexts,
    via: [...running.via, call],
    runs: job.runs,
  });
  addAll(running.jobs, jobs);
  return outputs;
}

/** Returns the value of an input that is not set. Source: GitHub's "on.workflow_call.inputs.<input_id>.default". */
function absent(type: string): YamlValue {
  return type === "boolean" ? false : type === "number" ? 0 : "";
}
