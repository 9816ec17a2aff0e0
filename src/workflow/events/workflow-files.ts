import { posix } from "node:path";
import { asMap, type YamlMap, type YamlValue, yamlText } from "../../formats/yaml-data.ts";
import { readYamlText } from "../../formats/yaml-document.ts";

/** Access to the files of the repository. */
export interface WorkflowFiles {
  readonly paths: ReadonlySet<string>;
  /** Reads a file; undefined: it does not exist, or is not text. */
  readonly read: (path: string) => string | undefined;
}

/** Parsed workflow or action of the repository. */
export interface CallableFile {
  readonly file: string;
  readonly value: YamlMap;
}

/** Parses a file; undefined: it does not exist, or is not valid YAML. */
export function readCallable(file: string, files: WorkflowFiles): CallableFile | undefined {
  const text = files.read(file);
  const read = text === undefined ? undefined : readYamlText(text.replaceAll("\r\n", "\n"));
  return read === undefined ? undefined : { file, value: asMap(read.value as YamlValue) };
}

/** Returns the workflow of this repository that a job calls. */
export function calledWorkflow(job: YamlMap, files: WorkflowFiles): CallableFile | undefined {
  const path = /^\.\/(\.github\/workflows\/[^@]+)$/.exec(yamlText(job["uses"]))?.[1];
  return path === undefined ? undefined : readCallable(path, files);
}

/** Returns the composite action of this repository that a step uses. */
export function usedAction(step: YamlMap, files: WorkflowFiles): CallableFile | undefined {
  const folder = /^\.\/(.*)$/s.exec(yamlText(step["uses"]))?.[1];
  if (folder === undefined) return undefined;
  const paths = ["action.yml", "action.yaml"].map((name) => posix.normalize(posix.join(folder, name)));
  const path = paths.find((each) => files.paths.has(each));
  return path === undefined ? undefined : readCallable(path, files);
}

/** Returns the events of a workflow as a map: `on: push`, `on: [push]` and `on: { push: … }` are equal. In YAML 1.1 the key `on` is read as true. */
export function eventMap(workflow: YamlMap): YamlMap {
  const on = workflow["on"] ?? workflow["true"];
  if (typeof on === "string") return { [on]: null };
  if (Array.isArray(on)) return Object.fromEntries(on.map((event: YamlValue) => [yamlText(event), null]));
  return asMap(on);
}
