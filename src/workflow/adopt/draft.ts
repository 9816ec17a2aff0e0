import { type YamlMap, asMap, yamlText } from "../../formats/yaml-data.ts";
import type { AdoptedLogin, KeptText, NotCarried } from "../adopted.ts";
import type { WorkflowFiles } from "../events/workflow-files.ts";
import { type Contexts, fillIn, type MatrixRow, textValues } from "./expressions.ts";
import type { PublishedRows } from "./published-rows.ts";
import type { ServiceDrafts } from "./service-draft.ts";
import type { SourceJob, SourceStep, SourceWorkflow } from "./source.ts";

export interface AdoptOptions {
  /** Name of the repository, `owner/name`; undefined: it is not on GitHub. */
  readonly repository: string | undefined;
  /** Name of the default branch. */
  readonly trunk: string;
  readonly files: WorkflowFiles;
  /** Returns a service's name for a Dockerfile and a context. */
  readonly nameOf: (dockerfile: string, context: string) => string;
  /** Whether a bake file can be read, for `docker/bake-action`. */
  readonly readsBake: boolean;
}

/** Metadata of a `docker/metadata-action` step, beside its tags. */
export interface WrittenMetadata {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  readonly step: SourceStep;
}

/** Step after a build, and the services of the job's rows. */
export interface StepAfter {
  readonly job: SourceJob;
  readonly step: SourceStep;
}

/** Intermediate result while steps are read in order. */
export interface Draft {
  readonly source: SourceWorkflow;
  readonly options: AdoptOptions;
  readonly rows: PublishedRows;
  readonly services: ServiceDrafts;
  /** Parts that are not carried over, by line and message, because a step of a matrix is read for each row. */
  readonly notCarried: Map<string, NotCarried>;
  readonly replaced: Set<string>;
  readonly registries: Map<string, AdoptedLogin>;
  readonly logins: Map<string, KeptText>;
  /** Steps before the build, with the job that they come from. */
  readonly before: Map<string, KeptText & { readonly job: SourceJob }>;
  readonly after: StepAfter[];
  readonly variables: Record<string, string>;
  readonly labels: Record<string, readonly string[]>;
  bakes: boolean;
}

/** Notes a part that cannot be carried over. `message` says what could be written instead. */
export function refuse(
  { source, notCarried }: Pick<Draft, "source" | "notCarried">,
  line: number,
  message: string,
): void {
  notCarried.set(`${line} ${message}`, { file: source.file, line, message });
}

export function contextsOf({ source, options }: Draft, job: SourceJob, matrix: MatrixRow): Contexts {
  const { repository } = options;
  const global = textValues(asMap(source.value["env"]), { env: {}, matrix: {}, repository });
  const env = { ...global, ...textValues(asMap(job.value["env"]), { env: global, matrix, repository }) };
  return { env, matrix, repository };
}

/** Returns the contexts of a step, with its own variables. */
export function contextsOfStep(contexts: Contexts, { value }: SourceStep): Contexts {
  return { ...contexts, env: { ...contexts.env, ...textValues(asMap(value["env"]), contexts) } };
}

export function fillAll(inputs: YamlMap, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, fillIn(yamlText(value), contexts)]));
}

export function titleOf({ value }: SourceStep): string {
  return yamlText(value["name"] ?? value["uses"] ?? value["run"]).split("\n")[0] ?? "";
}
