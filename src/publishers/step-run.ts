import type { YamlMap } from "../formats/yaml-data.ts";
import type { ShellText } from "../shell/expand-word.ts";
import type { Certainty } from "./image-command.ts";
import type { Link } from "./publisher.ts";
import type { SourceFile, YamlPath } from "./source-file.ts";

/** Step of a job with the values that it would have in a run on one event. */
export interface StepRun {
  readonly source: SourceFile;
  readonly path: YamlPath;
  readonly value: YamlMap;
  readonly via: readonly Link[];
  readonly runs: Certainty;
  /** Variables of the workflow, the job and the step, merged. */
  readonly env: ReadonlyMap<string, ShellText>;
  /** Working folder of the step's script, as written. */
  readonly folder: ShellText;
  /** Fills the known expressions in a text of the step. */
  readonly fill: (text: string) => ShellText;
}

/** Job of a workflow or of a workflow that it calls. Steps of local actions stand in place of the step that uses them. */
export interface JobRun {
  readonly workflow: string;
  readonly id: string;
  readonly value: YamlMap;
  readonly source: SourceFile;
  readonly path: YamlPath;
  readonly via: readonly Link[];
  /** Whether the event starts the workflow. */
  readonly starts: Certainty;
  readonly runs: Certainty;
  readonly steps: readonly StepRun[];
}
