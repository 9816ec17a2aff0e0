import type { ExpressionScope } from "../../expressions/evaluate.ts";
import {
  asTextValue,
  unknownReasons,
  type Evaluated,
  knownText,
  makeObject,
  makeText,
  makeValue,
  textPartsOf,
  unknown,
  type Unknown,
} from "../../expressions/evaluated.ts";
import { successfulRun } from "../../expressions/functions.ts";
import { conjunction, evaluateCondition, evaluateData, evaluateTemplate } from "../../expressions/template.ts";
import { asMap, type YamlMap, type YamlValue, yamlText } from "../../formats/yaml-data.ts";
import { describeMetadata } from "../../metadata-action/describe-metadata.ts";
import type { EventCall, EventPath, EventStep } from "./event-job.ts";
import { type ContextMap, defaultVariables, envContext, withContexts } from "./job-scope.ts";
import { readScriptOutputs } from "./script-outputs.ts";
import { usedAction, type WorkflowFiles } from "./workflow-files.ts";

/** List of steps of a job or a local action, with the values that its expressions see. */
export interface StepList {
  readonly file: string;
  readonly path: EventPath;
  readonly steps: YamlValue | undefined;
  readonly via: readonly EventCall[];
  readonly files: WorkflowFiles;
  readonly contexts: ContextMap;
  /** Variables of the workflow and the job; for an action's steps, those of the step that uses the action. */
  readonly env: ReadonlyMap<string, Evaluated>;
  /** Value of `defaults.run.working-directory`. */
  readonly folder: Evaluated;
  /** Whether the list runs at all; the steps' own conditions come on top. */
  readonly runs: boolean | Unknown;
}

/** Evaluated steps with their outputs and variables. */
export interface StepResults {
  readonly steps: readonly EventStep[];
  /** Value of the `steps` context after the last step. */
  readonly context: Evaluated;
  /** Variables that the steps set for later ones. */
  readonly env: ReadonlyMap<string, Evaluated>;
}

/** Limit of local actions that use further ones. Source: GitHub's "Creating a composite action". */
const deepestAction = 10;

/** State of a list while its steps are evaluated in order. */
interface Running {
  readonly list: StepList;
  readonly results: Map<string, Evaluated>;
  env: Map<string, Evaluated>;
  /** Whether a step has run that may have set variables which cannot be read here. */
  hasRun: boolean;
}

/** Evaluates steps in order: conditions, variables and constant outputs. Each step that runs is assumed to succeed. */
export function evaluateSteps(list: StepList): StepResults {
  const running: Running = { list, results: new Map(), env: new Map(list.env), hasRun: false };
  const steps = Array.isArray(list.steps) ? (list.steps as readonly YamlValue[]) : [];
  const evaluated = steps.flatMap((each, index) => evaluateStep(running, asMap(each), [...list.path, index]));
  return { steps: evaluated, context: makeObject(running.results), env: running.env };
}

function evaluateStep(running: Running, value: YamlMap, path: EventPath): EventStep[] {
  const { list } = running;
  const before = scopeOf(running, running.env);
  const own = Object.entries(asMap(value["env"])).map(
    ([name, text]) => [name, asTextValue(evaluateTemplate(yamlText(text), before))] as const,
  );
  const env = new Map([...running.env, ...own]);
  const scope = scopeOf(running, env);
  const fill = (text: string): Evaluated => evaluateTemplate(text, scope);
  const runs = conjunction(list.runs, evaluateCondition(conditionText(value["if"]), scope));
  const inputs = new Map(
    Object.entries(asMap(value["with"])).map(
      ([name, each]) => [name.toLowerCase(), asTextValue(fill(yamlText(each)))] as const,
    ),
  );
  const folder = value["working-directory"] === undefined ? list.folder : fill(yamlText(value["working-directory"]));
  const step: EventStep = { file: list.file, path, value, via: list.via, runs, env, inputs, fill, folder };
  const action = usedAction(value, list.files);
  const inner = action === undefined || list.via.length >= deepestAction ? undefined : runAction(running, step, action);
  finishStep(running, step, inner);
  return [step, ...(inner?.steps ?? [])];
}

/** Returns a step's condition as text, also if YAML reads it as a boolean (`if: false`); empty: there is none. */
function conditionText(condition: YamlValue | undefined): string {
  return condition === undefined || condition === null ? "" : yamlText(condition);
}

function scopeOf({ list, results, hasRun }: Running, env: ReadonlyMap<string, Evaluated>): ExpressionScope {
  const contexts = withContexts(list.contexts, {
    env: envContext(env, hasRun || list.via.length > 0),
    steps: makeObject(results),
    job: makeObject({ status: makeValue("success") }, "job"),
  });
  return { contexts, status: successfulRun };
}

interface ActionResults extends StepResults {
  readonly outputs: Evaluated;
}

function runAction(running: Running, step: EventStep, action: { file: string; value: YamlMap }): ActionResults {
  const { list } = running;
  const call: EventCall = {
    kind: "local-action",
    file: action.file,
    from: { file: list.file, path: [...step.path, "uses"] },
  };
  const inputs = Object.entries(asMap(action.value["inputs"])).map(([name, declared]) => {
    const given = step.inputs.get(name.toLowerCase());
    return [name, given ?? step.fill(yamlText(asMap(declared)["default"]))] as const;
  });
  const contexts = withContexts(list.contexts, { inputs: makeObject(inputs) });
  const runs = asMap(action.value["runs"]);
  const results = evaluateSteps({
    ...list,
    file: action.file,
    path: ["runs", "steps"],
    steps: runs["steps"],
    via: [...list.via, call],
    contexts,
    env: step.env,
    folder: makeValue("."),
    runs: step.runs,
  });
  const isComposite = yamlText(runs["using"]) === "composite";
  const scope: ExpressionScope = { contexts: withContexts(contexts, { steps: results.context }) };
  const outputs = Object.entries(asMap(action.value["outputs"])).map(
    ([name, output]) => [name, evaluateData(asMap(output)["value"], scope)] as const,
  );
  const id = yamlText(step.value["id"]);
  return { ...results, outputs: isComposite ? makeObject(outputs) : makeObject({}, `steps.${id}.outputs`) };
}

/** Records the outputs, the variables and the result of a step for the steps after it. */
function finishStep(running: Running, step: EventStep, inner: ActionResults | undefined): void {
  const id = yamlText(step.value["id"]);
  const outputs = step.runs === false ? makeObject({}) : outputsOf(running, step, inner);
  if (step.runs !== false) running.hasRun = true;
  if (id === "") return;
  const result =
    typeof step.runs === "boolean"
      ? makeValue(step.runs ? "success" : "skipped")
      : makeText([{ because: step.runs.because }]);
  const known = typeof step.runs === "boolean" ? outputs : perhaps(outputs, step.runs);
  running.results.set(id, makeObject({ outputs: known, outcome: result, conclusion: result }));
}

/** Returns the outputs of a step that may not run: each has its value or is empty. */
function perhaps(outputs: Evaluated, { because }: Unknown): Evaluated {
  if (outputs.kind !== "object") return unknown([...because, ...unknownReasons(outputs)]);
  const members = [...outputs.members.values()].map(
    ({ name, value }) => [name, makeText([{ because, maybe: textPartsOf(asTextValue(value)) }])] as const,
  );
  return makeObject(members, outputs.rest ?? because[0]);
}

function outputsOf(running: Running, step: EventStep, inner: ActionResults | undefined): Evaluated {
  const id = yamlText(step.value["id"]);
  const rest = `steps.${id}.outputs`;
  const uses = yamlText(step.value["uses"]);
  if (inner !== undefined) {
    // Variables that an action's steps set for later steps hold for the job's later steps, too.
    for (const [name, value] of inner.env) if (step.env.get(name) !== value) setVariable(running, step, name, value);
    return inner.outputs;
  }
  if (/^docker\/metadata-action@/i.test(uses)) return runMetadata(running, step);
  // Buildah's action hands on what it was given.
  if (/^redhat-actions\/buildah-build@/i.test(uses))
    return makeObject(
      ["image", "tags"].map((name) => [name, step.inputs.get(name)] as const),
      rest,
    );
  const script = yamlText(step.value["run"]);
  if (script === "") return makeObject({}, rest);
  const shell = yamlText(step.value["shell"]);
  if (!/^(?:$|(?:bash|sh)(?: |$))/.test(shell)) return makeObject({}, rest);
  const variables = new Map([...defaultVariables(githubOf(running)), ...step.env]);
  const handed = readScriptOutputs(script, { env: variables, fill: step.fill });
  if (handed.changesUnknownEnv) {
    for (const name of running.env.keys()) running.env.set(name, unknown(`env.${name}`));
  }
  for (const [name, value] of handed.env) setVariable(running, step, name, value);
  return makeObject(handed.outputs, rest);
}

function githubOf({ list }: Running): Evaluated {
  return list.contexts.get("github") ?? unknown("github");
}

function setVariable(running: Running, step: EventStep, name: string, value: Evaluated): void {
  const before = running.env.get(name);
  const isSure = step.runs === true;
  const because = isSure || typeof step.runs === "boolean" ? [] : step.runs.because;
  running.env.set(name, isSure ? value : unknown([...because, ...unknownReasons(value, before ?? value)]));
}

function runMetadata(running: Running, step: EventStep): Evaluated {
  const { outputs } = describeMetadata({ inputs: step.inputs, env: step.env, github: githubOf(running) });
  for (const [name, value] of outputs) {
    setVariable(running, step, `DOCKER_METADATA_OUTPUT_${name.replaceAll(/\W/g, "_").toUpperCase()}`, value);
  }
  return makeObject(outputs);
}

/** Returns the label of a job's runner; empty: it is unknown. */
export function runnerLabel(runsOn: YamlValue | undefined, scope: ExpressionScope): string {
  const value = evaluateData(Array.isArray(runsOn) ? (runsOn as readonly YamlValue[])[0] : runsOn, scope);
  return value.kind === "value" ? (knownText(value) ?? "") : "";
}
