import { asMap, type YamlMap, type YamlValue, yamlText, yamlTexts } from "../formats/yaml-data.ts";
import { readYamlText } from "../formats/yaml-document.ts";
import { templateParts } from "../expressions/template.ts";
import { readExpression } from "../expressions/read-expression.ts";
import { eventMap } from "./events/workflow-files.ts";

/** Finds the faults for which GitHub would refuse a workflow, or never run one of its jobs; empty: there are none. */
export function checkWorkflow(text: string): string[] {
  const read = readYamlText(text);
  if (read === undefined) return ["it is no valid YAML"];
  const workflow = asMap(read.value as YamlValue);
  const jobs = asMap(workflow["jobs"]);
  return [
    ...triggerFaults(eventMap(workflow)),
    ...Object.entries(jobs).flatMap(([id, job]) => jobFaults(id, asMap(job), jobs)),
    ...circleFaults(jobs),
    ...expressionFaults(text),
  ];
}

function triggerFaults(on: YamlMap): string[] {
  const names = Object.keys(on);
  const schedule = on["schedule"];
  const times = Array.isArray(schedule) ? (schedule as readonly YamlValue[]) : [];
  return [
    ...(names.length === 0 ? ["no event starts it"] : []),
    ...("schedule" in on && (times.length === 0 || times.some((time) => yamlText(asMap(time)["cron"]) === ""))
      ? ["its schedule has no times"]
      : []),
  ];
}

function jobFaults(id: string, job: YamlMap, jobs: YamlMap): string[] {
  const steps = Array.isArray(job["steps"]) ? (job["steps"] as readonly YamlValue[]).map(asMap) : [];
  const needs = yamlTexts(job["needs"]);
  const known = new Set<string>();
  const written = JSON.stringify(job);
  const faults = [
    ...(/^[A-Za-z_][\w-]*$/.test(id) ? [] : [`"${id}" is no name of a job`]),
    ...needs.filter((need) => !(need in jobs)).map((need) => `job "${id}" needs "${need}", which is not there`),
    ...(job["uses"] === undefined && steps.length === 0 ? [`job "${id}" has no steps`] : []),
    ...(job["uses"] === undefined && job["runs-on"] === undefined ? [`job "${id}" has no runner`] : []),
    ...[...written.matchAll(/\bneeds\.([\w-]+)\./g)]
      .filter(([, name = ""]) => !needs.includes(name))
      .map(([, name = ""]) => `job "${id}" reads "${name}", which it does not need`),
  ];
  for (const step of steps) {
    const title = yamlText(step["name"] ?? step["uses"] ?? step["run"]).split("\n")[0] ?? "";
    if ((step["uses"] === undefined) === (step["run"] === undefined))
      faults.push(`the step "${title}" of job "${id}" has neither or both of uses and run`);
    for (const [, read = ""] of JSON.stringify(step).matchAll(/\bsteps\.([\w-]+)\.(?:outputs|outcome|conclusion)\b/g))
      if (!known.has(read))
        faults.push(`the step "${title}" of job "${id}" reads the step "${read}", which is not before it`);
    const own = yamlText(step["id"]);
    if (known.has(own)) faults.push(`two steps of job "${id}" have the id "${own}"`);
    if (own !== "") known.add(own);
  }
  return [...new Set(faults)];
}

/** Finds jobs that wait for themselves. */
function circleFaults(jobs: YamlMap): string[] {
  const left = new Set(Object.keys(jobs));
  for (;;) {
    const ready = [...left].filter((id) => yamlTexts(asMap(jobs[id])["needs"]).every((need) => !left.has(need)));
    if (ready.length === 0) break;
    for (const id of ready) left.delete(id);
  }
  return left.size === 0 ? [] : [`jobs wait for each other in a circle: ${[...left].join(", ")}`];
}

function expressionFaults(text: string): string[] {
  const faults = templateParts(text).flatMap((part) => {
    if (part.kind === "plain") return [];
    const read = readExpression(part.text);
    return read.kind === "expression" ? [] : [`the expression "${part.text.trim()}": ${read.message}`];
  });
  return [...new Set(faults)];
}
