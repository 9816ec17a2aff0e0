import { asMap, type YamlMap, type YamlValue } from "../../formats/yaml-data.ts";
import { isMap, isNode, isScalar, isSeq, LineCounter, visit, type YAMLMap } from "yaml";
import { readYamlText } from "../../formats/yaml-document.ts";
import { eventMap } from "../events/workflow-files.ts";

/** Step of an existing workflow, with its text. */
export interface SourceStep {
  readonly value: YamlMap;
  readonly text: string;
  readonly line: number;
}

/** Job of an existing workflow, with its text. */
export interface SourceJob {
  readonly id: string;
  readonly value: YamlMap;
  /** Text from the job's key on, without indentation. */
  readonly text: string;
  readonly line: number;
  readonly steps: readonly SourceStep[];
}

/** Existing workflow. `on` is always a map of events. */
export interface SourceWorkflow {
  readonly file: string;
  readonly name: string | undefined;
  readonly on: YamlMap;
  readonly value: YamlMap;
  readonly jobs: readonly SourceJob[];
}

/** Parses a workflow; undefined: it is not YAML, or has no jobs. */
export function parseWorkflow(file: string, text: string): SourceWorkflow | undefined {
  const lines = new LineCounter();
  const plain = text.replaceAll("\r\n", "\n");
  const read = readYamlText(plain, lines);
  if (read === undefined || !isMap(read.document.contents)) return undefined;
  const { document } = read;
  let hasAliases = false;
  visit(document, { Alias: () => void (hasAliases = true) });
  const value = asMap(read.value as YamlValue);
  const jobs = read.document.contents.get("jobs", true);
  if (!isMap(jobs)) return undefined;
  const textOf = (node: unknown, key: unknown): { text: string; line: number } => {
    const start = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    const end = isNode(node) ? (node.range?.[2] ?? start) : start;
    const { line, col } = lines.linePos(start);
    // A text with aliases is valid only together with its anchors.
    return { line, text: hasAliases ? "" : withoutNext(dedent(plain.slice(start, end), col - 1)) };
  };
  const all = plain.split("\n");
  let lastLine = 0;
  const jobText = (node: unknown, key: unknown): { text: string; line: number } => {
    const own = textOf(node, key);
    const comments: string[] = [];
    for (let line = own.line - 1; line > lastLine && /^\s*#/.test(all[line - 1] ?? ""); line -= 1)
      comments.push((all[line - 1] ?? "").trim());
    lastLine = own.line;
    return { ...own, text: own.text === "" ? "" : [...comments.reverse(), own.text].join("\n") };
  };
  return {
    file,
    name: typeof value["name"] === "string" ? value["name"] : undefined,
    on: eventMap(value),
    value,
    jobs: jobs.items.flatMap((pair) => {
      if (!isScalar(pair.key) || !isMap(pair.value)) return [];
      const id = String(pair.key.value);
      const job = asMap(asMap(value["jobs"])[id]);
      return [{ id, value: job, ...jobText(pair.value, pair.key), steps: stepsOf(pair.value, job, textOf) }];
    }),
  };
}

function stepsOf(
  node: YAMLMap,
  job: YamlMap,
  textOf: (node: unknown, key: unknown) => { text: string; line: number },
): SourceStep[] {
  const steps = node.get("steps", true);
  const values = Array.isArray(job["steps"]) ? (job["steps"] as readonly YamlValue[]) : [];
  if (!isSeq(steps)) return [];
  return steps.items.map((item, index) => {
    const { text, line } = textOf(item, item);
    return { value: asMap(values[index]), text: `- ${text.trimEnd().replaceAll(/\n(?=.)/g, "\n  ")}\n`, line };
  });
}

/** Removes comments at the end that start at the left edge, because they are about the next part. */
function withoutNext(text: string): string {
  const lines = text.split("\n");
  while (lines.length > 1 && /^(?:#|\s*$)/.test(lines.at(-1) ?? "")) lines.pop();
  return lines.join("\n");
}

/** Removes the indentation of the first line from the other lines. */
function dedent(text: string, columns: number): string {
  const [first = "", ...rest] = text.trimEnd().split("\n");
  return [first, ...rest.map((line) => (line.slice(0, columns).trim() === "" ? line.slice(columns) : line))].join("\n");
}
