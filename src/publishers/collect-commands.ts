import { yamlText } from "../formats/yaml-data.ts";
import { commandsOfAction, releasesByGoreleaser } from "./action-commands.ts";
import { expressionDelimiters, replaceSpans } from "../formats/spans.ts";
import { shellText, type ShellText } from "../shell/expand-word.ts";
import { followScript } from "../shell/follow-script.ts";
import type { RunCommand } from "../shell/script-state.ts";
import { parseScript } from "../shell/parse-script.ts";
import { isLocal } from "./docker-command.ts";
import type { WorkflowFiles } from "../workflow/events/workflow-files.ts";
import type { ImageCommand } from "./image-command.ts";
import { recipeOf } from "./makefile.ts";
import { parseMakefile } from "./parse-makefile.ts";
import { readProgramCommand } from "./program-command.ts";
import type { Link, SourcePlace } from "./publisher.ts";
import {
  inRepository,
  isShell,
  joinFolders,
  packageScript,
  repositoryPath,
  placeInText,
  speaksOfImages,
} from "./script-files.ts";
import type { StepRun } from "./step-run.ts";

/** An image command with its place in the source and its surroundings there. */
export interface PlacedCommand {
  readonly command: ImageCommand;
  readonly place: SourcePlace;
  readonly via: readonly Link[];
  readonly step: StepRun;
  /** Working folder of the command, relative to the repository's root. */
  readonly folder: ShellText;
  readonly variables: ReadonlyMap<string, ShellText>;
  /** Conditions of the script around the command; the step's own condition is not among them. */
  readonly conditions: readonly string[];
}

/** Collects the image commands of one step: those of its action, or those of its script and of the files that the script runs. */
export function collectCommands(step: StepRun, files: WorkflowFiles): readonly PlacedCommand[] {
  const uses = yamlText(step.value["uses"]);
  if (uses !== "") {
    const place = step.source.placeOf([...step.path, "uses"]);
    return commandsOfAction(step, uses, files).map((command) => ({
      command,
      place,
      via: step.via,
      step,
      folder: shellText("."),
      variables: step.env,
      conditions: [],
    }));
  }
  const run = yamlText(step.value["run"]);
  if (run === "") return [];
  const context: Following = { step, files, found: [], depth: 0 };
  const filled = fillKnown(run, step);
  followText(context, filled, {
    variables: step.env,
    args: undefined,
    folder: inRepository(step.folder),
    via: step.via,
    conditions: [],
    placeOf: (offset) => step.source.placeIn([...step.path, "run"], sameLine(filled, offset, run)),
  });
  return context.found;
}

/** Replaces the known expressions of a script by their values, as GitHub does before a shell reads it. */
function fillKnown(run: string, step: StepRun): string {
  return replaceSpans(run, [expressionDelimiters], (_, whole) => {
    const { text, unknown } = step.fill(whole);
    return unknown.length > 0 || text.includes("\n") ? whole : text;
  });
}

/** Maps an offset in the filled script to one in the written script. Both have the same lines, because filled values have no line ends. */
function sameLine(filled: string, offset: number, written: string): number {
  const before = filled.slice(0, offset).split("\n");
  const start = written
    .split("\n")
    .slice(0, before.length - 1)
    .join("\n").length;
  const column = (before.at(-1) ?? "").length;
  const line = start + (before.length > 1 ? 1 : 0);
  const end = written.indexOf("\n", line);
  return Math.min(line + column, end < 0 ? written.length : end);
}

interface Following {
  readonly step: StepRun;
  readonly files: WorkflowFiles;
  readonly found: PlacedCommand[];
  readonly depth: number;
}

interface FollowedText {
  readonly variables: ReadonlyMap<string, ShellText>;
  readonly args: readonly ShellText[] | undefined;
  readonly folder: ShellText;
  readonly via: readonly Link[];
  readonly conditions: readonly string[];
  readonly placeOf: (offset: number) => SourcePlace;
}

/** Limit of scripts that call each other; deeper calls are not followed. */
const deepestFollowed = 8;
const mostFound = 1000;

function followText(context: Following, text: string, start: FollowedText): void {
  if (context.depth > deepestFollowed || context.found.length > mostFound) return;
  const evaluate = (_: string, raw: string): ShellText => context.step.fill(raw);
  const commands = followScript(parseScript(text), text, { ...start, evaluate });
  for (const command of commands) {
    const read = readProgramCommand(command);
    if (read !== undefined) follow({ ...context, depth: context.depth + 1 }, read, command, start);
  }
}

function follow(context: Following, command: ImageCommand, run: RunCommand, start: FollowedText): void {
  const { folder, variables } = run;
  const conditions = [...start.conditions, ...run.conditions];
  const place = start.placeOf(run.start);
  const next = { ...start, folder, variables, conditions };
  const keep = (kept: ImageCommand): void =>
    void context.found.push({
      command: kept,
      place,
      via: start.via,
      step: context.step,
      folder,
      variables,
      conditions,
    });
  switch (command.kind) {
    case "inline":
      return followText(context, command.text.text, { ...next, placeOf: () => place });
    case "script":
      return followFile(context, command, next, { place, keep: () => keep(command) });
    case "make":
      return followMake(context, command, next, { place, keep: () => keep(command) });
    case "package-script":
      return followPackageScript(context, command, next, {
        place,
        keep: () => {
          const program = readProgramCommand({ words: command.otherwise, input: undefined });
          if (program === undefined || program.kind === "package-script") keep(command);
          else follow(context, program, run, start);
        },
      });
    case "opaque":
      if (command.how === "goreleaser" && !releasesByGoreleaser(context.files, command.what)) return;
      return keep(command);
    case "push":
      if (command.images.every(({ text }) => isLocal(text))) return;
      return keep(command);
    case "build":
    case "bake":
    case "compose":
    case "tag":
    case "merge":
    case "login":
      return keep(command);
  }
}

function followFile(
  context: Following,
  command: ImageCommand & { kind: "script" },
  start: FollowedText,
  { place, keep }: Caller,
): void {
  const path = repositoryPath(start.folder, command.path);
  const text = path === undefined ? undefined : context.files.read(path);
  if (path === undefined || text === undefined || !isShell(text, path)) return keep();
  const link: Link = { kind: "script", name: path, from: place };
  const before = context.found.length;
  followText(context, text, {
    ...start,
    args: command.args,
    via: [...start.via, link],
    placeOf: (offset) => placeInText(path, text, offset),
  });
  // A script that mentions images, but in which no build or push was found, stays listed: it may build in a way that is not followed.
  if (!speaksOfImages(text) || context.found.slice(before).some(isDone)) return;
  context.found.splice(before);
  keep();
}

/** Whether a command itself builds or pushes; false: it runs another file, which may. */
function isDone({ command: { kind } }: PlacedCommand): boolean {
  return !["script", "make", "package-script", "inline", "login", "tag"].includes(kind);
}

interface Caller {
  readonly place: SourcePlace;
  readonly keep: () => void;
}

function followMake(
  context: Following,
  command: ImageCommand & { kind: "make" },
  start: FollowedText,
  { place, keep }: Caller,
): void {
  const folder = command.folder === undefined ? start.folder : joinFolders(start.folder, command.folder);
  const environment = textsOf(start.variables);
  const named = command.file === undefined ? ["GNUmakefile", "makefile", "Makefile"] : [command.file.text];
  const paths = named.flatMap((name) => repositoryPath(folder, shellText(name)) ?? []);
  const makefile = paths
    .map((path) => parseMakefile(path, context.files.read, environment))
    .find((each) => each !== undefined);
  if (makefile === undefined) return keep();
  const targets = command.targets.length > 0 ? command.targets.map(({ text }) => text) : [makefile.goal ?? ""];
  for (const target of targets) {
    const lines = recipeOf(makefile, target, textsOf(command.variables));
    if (lines === undefined) {
      keep();
      continue;
    }
    const link: Link = { kind: "make", name: target, from: place };
    for (const { text, file, line, conditions } of lines)
      followText(context, text.replaceAll(/\$[({]MAKE[)}]/g, "make"), {
        ...start,
        folder,
        conditions: [...start.conditions, ...conditions],
        via: [...start.via, link],
        placeOf: () => ({ file, line, column: 1 }),
      });
  }
}

/** Converts shell variables for a makefile. Unknown parts keep their written form, because the shell fills them in later. */
function textsOf(variables: ReadonlyMap<string, ShellText>): Map<string, string> {
  return new Map([...variables].map(([name, { text }]) => [name, text]));
}

function followPackageScript(
  context: Following,
  command: ImageCommand & { kind: "package-script" },
  start: FollowedText,
  { place, keep }: Caller,
): void {
  const folder = command.folder === undefined ? start.folder : joinFolders(start.folder, command.folder);
  const path = repositoryPath(folder, shellText("package.json"));
  const script = path === undefined ? undefined : packageScript(context.files.read(path), command.name.text);
  if (path === undefined || script === undefined) return keep();
  const { text, line } = script;
  const link: Link = { kind: "package-script", name: command.name.text, from: place };
  followText(context, text, {
    ...start,
    folder,
    via: [...start.via, link],
    placeOf: () => ({ file: path, line, column: 1 }),
  });
}
