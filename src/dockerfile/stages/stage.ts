import { addAll } from "../../model/lists.ts";
import { configurationError } from "../../errors.ts";
import { redactAddresses, withoutCredentials } from "../../formats/address.ts";
import { excerpt } from "../../model/excerpt.ts";
import { StepLimitError } from "../../model/steps.ts";
import type { BaseConfig, Command, FileRead, Mount, ResolvedBuild, ResolvedStage } from "../syntax/dockerfile.ts";
import { ExpandError, expandWord } from "./expand.ts";
import { cleanPath, pathBelowRoot } from "../syntax/go-text.ts";
import { makePatterns } from "../matching/ignore.ts";
import type { Reached, Source } from "./reach.ts";
import { checkMount } from "../syntax/mount.ts";
import { classifySource, isPinnedGit } from "./remote.ts";
import { isSourcePattern } from "./source-match.ts";
import { buildPlatformArgs, givenArg, type GlobalScope } from "./scope.ts";

/** The variables at the end of a stage: those of the build, and those that the image keeps. */
export interface StageState {
  readonly variables: ReadonlyMap<string, string>;
  readonly imageEnv: ReadonlyMap<string, string>;
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Args that BuildKit does not make variables of. */
const noVariables: ReadonlySet<string> = new Set(["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]);

interface Place {
  readonly line: number;
  readonly column: number;
}

type CopyCommand = Extract<Command, { readonly kind: "copy" }>;
type RunCommand = Extract<Command, { readonly kind: "run" }>;

/** Reads one stage and records its file reads, instructions and args. */
export class StageReader {
  readonly reads: FileRead[] = [];
  readonly instructions: string[] = [];
  readonly args: (readonly [name: string, value: string])[] = [];
  /** Global args that an `ARG` without a default takes its value from, or that name the build platform. */
  readonly globals = new Set<string>();
  readonly volatile: string[] = [];

  private readonly build: ResolvedBuild;
  private readonly scope: GlobalScope;
  private readonly reached: Reached;
  private readonly triggers: readonly Command[];
  private variables = new Map<string, string>();
  private imageEnv = new Map<string, string>();
  private isWindows = false;

  constructor(build: ResolvedBuild, scope: GlobalScope, reached: Reached, triggers: readonly Command[]) {
    this.build = build;
    this.scope = scope;
    this.reached = reached;
    this.triggers = triggers;
  }

  read(resolved: ResolvedStage, start: BaseConfig | undefined, states: ReadonlyMap<number, StageState>): StageState {
    const { stage, base, platform } = resolved;
    this.isWindows = platform.startsWith("windows/");
    this.imageEnv = new Map(Object.entries(start?.env ?? {}));
    this.variables = new Map(this.imageEnv);
    if (base.kind === "context") {
      this.readAll(base.name, stage.line);
      if (base.replaces === "stage") {
        this.instructions.push(`FROM context:${base.name}${stage.name === undefined ? "" : ` AS ${stage.name}`}`);
        return { variables: this.variables, imageEnv: this.imageEnv };
      }
    }
    if (base.kind === "stage") {
      const inherited = states.get(base.index);
      this.takeSteps(stage, 2 * (inherited?.variables.size ?? 0));
      this.variables = new Map(inherited?.variables);
      this.imageEnv = new Map(inherited?.imageEnv);
    }
    if (!this.isWindows && !this.imageEnv.has("PATH")) this.imageEnv.set("PATH", defaultPath);
    for (const [name, value] of this.imageEnv) this.variables.set(name, value);
    this.instructions.push(stage.text);
    for (const command of [...this.triggers, ...stage.commands]) this.run(command);
    return { variables: this.variables, imageEnv: this.imageEnv };
  }

  private run(command: Command): void {
    addAll(this.instructions, this.textOf(command).split("\n"));
    switch (command.kind) {
      case "arg":
        for (const { name, value } of command.pairs) this.declareArg(command, name, value);
        return;
      case "env":
        this.setEnv(command, command.pairs);
        return;
      case "copy":
        this.copy(command);
        return;
      case "run":
        for (const mount of command.mounts) this.mount(command, mount);
        return;
      case "onbuild":
      case "other":
        return;
    }
  }

  /**
   * The counted text of an instruction. A stage's number is replaced by its position among the stages that count, because uncounted stages
   * must not change the fingerprint.
   */
  private textOf(command: Command): string {
    if (command.kind !== "copy" || command.from === undefined || !/^[+-]?\d+$/.test(command.from)) return command.text;
    const source = this.reached.sourceOf(command.from, true);
    if (source.kind !== "stage") return command.text;
    const place = this.reached.places.get(source.index) ?? -1;
    return command.text.replace(`--from=${command.from}`, `--from=#${place}`);
  }

  private declareArg(command: Command, name: string, written: string | undefined): void {
    if (name.includes("$")) {
      this.volatile.push(`line ${command.line}: the name of "ARG ${name}" is an expression`);
    }
    if (buildPlatformArgs.has(name)) this.globals.add(name);
    let value = givenArg(this.build.options, name);
    if (value === undefined && written !== undefined) value = this.expand(command, written);
    if (value === undefined) {
      this.globals.add(name);
      value = this.scope.get(name);
    }
    if (value === undefined) return;
    this.args.push([name, value]);
    if (!noVariables.has(name)) this.variables.set(name, value);
  }

  private setEnv(command: Command, pairs: readonly (readonly [string, string])[]): void {
    const expanded = pairs.map(([name, value]) => [this.expand(command, name), this.expand(command, value)] as const);
    for (const [name, value] of expanded) {
      this.variables.set(name, value);
      this.imageEnv.set(name, value);
    }
  }

  private copy(command: CopyCommand): void {
    if (makePatterns(command.exclude) === undefined) {
      this.fault(command, `"--exclude=${command.exclude.join(" --exclude=")}" holds no pattern that BuildKit can use`);
    }
    const checksum = command.checksum === undefined ? "" : this.expand(command, command.checksum);
    const local: string[] = [];
    for (const written of command.sources) {
      const source = this.expand(command, written);
      const kind = classifySource(source);
      if (kind === "local") {
        const path = this.localSource(source, command.parents);
        if (!isSourcePattern(path, command.parents)) {
          this.fault(command, `${command.instruction} "${excerpt(source)}" is no pattern that BuildKit can use`);
        }
        local.push(path);
      } else if (command.instruction === "COPY") {
        this.fault(command, `COPY cannot take "${redactAddresses(source)}": use ADD for what is not in the context`);
      } else if (kind === "git" && !isPinnedGit(source, checksum)) {
        this.volatile.push(`line ${command.line}: ADD ${withoutCredentials(source)} is not pinned to a commit`);
      } else if (kind === "http" && checksum === "") {
        this.volatile.push(`line ${command.line}: ADD ${redactAddresses(source)} has no --checksum`);
      }
    }
    const from = this.readFrom(command.from === undefined ? undefined : this.reached.sourceOf(command.from, true));
    if (from === undefined || local.length === 0) return;
    const { instruction, line, exclude, parents } = command;
    this.reads.push({ from, instruction, line, sources: local, wildcards: true, exclude, parents });
  }

  private localSource(source: string, parents: boolean): string {
    const path = this.isWindows ? source.replace(/^[A-Za-z]:/, "").replaceAll("\\", "/") : source;
    const pivot = parents ? path.indexOf("/./") : -1;
    if (pivot < 0) return pathBelowRoot(path);
    return `${pathBelowRoot(path.slice(0, pivot))}/./${cleanPath(`/${path.slice(pivot + 3)}`).slice(1)}`;
  }

  private mount(command: RunCommand, mount: Mount): void {
    const fields = new Map<string, string>();
    for (const [key, value] of mount.fields) {
      fields.set(key, value === undefined ? "" : this.expand(command, value));
    }
    const problem = checkMount(fields);
    if (problem !== undefined) this.fault(command, problem);
    const type = (fields.get("type") ?? "bind").toLowerCase();
    if (type !== "bind" && !(type === "cache" && mount.from !== undefined)) return;
    const from = this.readFrom(mount.from === undefined ? undefined : this.reached.sourceOf(mount.from, false));
    if (from === undefined) return;
    const sources = [pathBelowRoot(lastOf(fields, ["source", "src"]))];
    this.reads.push({
      from,
      instruction: "RUN",
      line: command.line,
      sources,
      wildcards: false,
      exclude: [],
      parents: false,
    });
  }

  /**
   * The context that files are read from: the build context by default, or a named context. Undefined: another stage, an image or
   * `scratch`, from which no files of a context are read.
   */
  private readFrom(source: Source | undefined): FileRead["from"] | undefined {
    if (source === undefined) return { kind: "context" };
    if (source.kind === "context") return { kind: "named", name: source.name };
    if (source.kind !== "stage") return undefined;
    const stage = this.reached.stages[this.reached.places.get(source.index) ?? -1];
    const isContext = stage?.base.kind === "context" && stage.base.replaces === "stage";
    return isContext ? { kind: "named", name: stage.base.name } : undefined;
  }

  private readAll(name: string, line: number): void {
    const from = { kind: "named", name } as const;
    this.reads.push({ from, instruction: "FROM", line, sources: ["."], wildcards: false, exclude: [], parents: false });
  }

  private expand(command: Command, word: string): string {
    try {
      return expandWord(word, (name) => this.variables.get(name), this.build.dockerfile.escape, this.scope.steps);
    } catch (error) {
      if (error instanceof ExpandError) return this.fault(command, `"${excerpt(word)}": ${error.message}`);
      throw error;
    }
  }

  /** Counts steps for copying the inherited variables, because many stages with many variables multiply. */
  private takeSteps(place: Place, count: number): void {
    try {
      this.scope.steps.take(count);
    } catch (error) {
      if (!(error instanceof StepLimitError)) throw error;
      this.fault(place, `to read the stages up to here ${error.message}: use fewer stages, or fewer variables in each`);
    }
  }

  private fault({ line, column }: Place, message: string): never {
    throw configurationError([{ file: this.build.dockerfile.file, line, column, message }]);
  }
}

/** The value of the last given of several names of one field. */
function lastOf(fields: ReadonlyMap<string, string>, names: readonly string[]): string {
  return [...fields].findLast(([key]) => names.includes(key))?.[1] ?? "";
}
