import { posix } from "node:path";
import { asMap, type YamlValue, yamlText } from "../formats/yaml-data.ts";
import { findYamlFault, readYamlText } from "../formats/yaml-document.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import type { ImageCommand } from "./image-command.ts";
import { isNamedAfterPublishing } from "./known-actions.ts";

/** Returns the place at which a text stops being valid YAML, and the reason; undefined: it is valid. */
export function yamlFaultOf(text: string): { line: number; column: number; because: string } | undefined {
  const fault = findYamlFault(text.replaceAll("\r\n", "\n"));
  if (fault === undefined) return undefined;
  const { line, column, message } = fault;
  return { line, column, because: `the file is not valid YAML: ${message}` };
}

/** Returns a local action (`./folder`) of which the steps cannot be followed, if it may publish. Steps of a composite action are commands of their own. */
export function unfollowedAction(uses: string, files: WorkflowFiles): readonly ImageCommand[] {
  const folder = uses.slice(2);
  const paths = ["action.yml", "action.yaml"].map((name) => posix.normalize(posix.join(folder, name)));
  const path = paths.find((each) => files.paths.has(each));
  const opaque = (because: string, isSure: boolean): ImageCommand[] => [
    { kind: "opaque", how: isSure ? "unreadable" : "script", what: uses, because, isSure },
  ];
  if (path === undefined)
    return isNamedAfterPublishing(folder) ? opaque(`${uses} is not in this repository`, false) : [];
  const text = files.read(path);
  const fault = text === undefined ? undefined : yamlFaultOf(text);
  if (fault !== undefined) return opaque(`${path}:${fault.line}:${fault.column}: ${fault.because}`, true);
  const read = text === undefined ? undefined : readYamlText(text);
  const using = yamlText(asMap(asMap(read?.value as YamlValue | undefined)["runs"])["using"]);
  return using === "composite" || text === undefined || !isNamedAfterPublishing(folder)
    ? []
    : opaque(`${path} runs ${using === "" ? "nothing" : using}, which is not followed`, false);
}

/** Returns the reason why a called workflow cannot be read. `uses`: its name, as the job has it. */
export function whyNotCalled(uses: string, files: WorkflowFiles): string {
  if (!uses.startsWith("./")) return `the workflow ${uses} is in another repository`;
  const path = posix.normalize(uses.slice(2));
  const text = files.read(path);
  const fault = text === undefined ? undefined : yamlFaultOf(text);
  if (fault !== undefined) return `${path}:${fault.line}:${fault.column}: ${fault.because}`;
  return text === undefined ? `the workflow ${uses} is not in this repository` : `the workflow ${uses} has no jobs`;
}
