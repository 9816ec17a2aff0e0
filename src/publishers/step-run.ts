import type { YamlMap } from "../formats/yaml-data.ts";
import type { ShellText } from "../shell/expand-word.ts";
import type { Perhaps } from "./image-command.ts";
import type { Link } from "./publisher.ts";
import type { SourceFile, YamlPath } from "./source-file.ts";

/** A step of a job, as it would run on some event. */
export interface StepRun {
  readonly source: SourceFile;
  readonly path: YamlPath;
  readonly value: YamlMap;
  readonly via: readonly Link[];
  readonly runs: Perhaps;
  /** Variables of the workflow, the job and the step. */
  readonly env: ReadonlyMap<string, ShellText>;
  /** Where its script runs, as written. */
  readonly folder: ShellText;
  /** Fills in a text of the step. */
  readonly fill: (text: string) => ShellText;
}

/** A job, or a job of a workflow that it calls, with the steps of local actions in the place of the step that uses them. */
export interface JobRun {
  readonly workflow: string;
  readonly id: string;
  readonly value: YamlMap;
  readonly source: SourceFile;
  readonly path: YamlPath;
  readonly via: readonly Link[];
  /** Whether the event starts the workflow at all. */
  readonly starts: Perhaps;
  readonly runs: Perhaps;
  readonly steps: readonly StepRun[];
}
