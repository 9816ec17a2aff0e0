import { configurationError, type Diagnostic } from "../../errors.ts";
import { excerpt } from "../../model/excerpt.ts";
import { parsePlatform, platformObject, type Platform } from "../../model/platform.ts";
import { parseReference, renderReference } from "../../model/reference.ts";
import type {
  BaseUse,
  DockerfileOptions,
  Command,
  ContextUse,
  Dockerfile,
  ResolvedStage,
  Stage,
  StageBase,
} from "../syntax/dockerfile.ts";
import { baseKey } from "../syntax/dockerfile.ts";
import { ExpandError, expandWord, type Variables } from "./expand.ts";
import { didYouMean } from "../../model/closest.ts";
import { buildPlatformArgs, type GlobalScope } from "./scope.ts";

/** The source that `COPY --from` or `RUN --mount from=` names. */
export type Source =
  | { readonly kind: "scratch" }
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "context"; readonly name: string }
  | { readonly kind: "image"; readonly reference: string };

export interface Reached {
  readonly stages: readonly ResolvedStage[];
  readonly bases: readonly BaseUse[];
  readonly contexts: readonly string[];
  readonly contextUses: readonly ContextUse[];
  /** Position in `stages` by the stage's index in the file. */
  readonly places: ReadonlyMap<number, number>;
  /** Names of variables that the `FROM`s of these stages use. */
  readonly names: ReadonlySet<string>;
  readonly sourceOf: (from: string, isCopy: boolean) => Source;
}

/** A Dockerfile with the options and variables to follow it with. */
export interface ReachRequest {
  readonly dockerfile: Dockerfile;
  readonly options: DockerfileOptions;
  readonly scope: GlobalScope;
  /** `ONBUILD` instructions of each stage's base, which run in the stage, by the stage's index in the file. */
  readonly triggers: ReadonlyMap<number, readonly Command[]>;
}

interface From {
  readonly command: Command;
  readonly from: string;
  readonly isCopy: boolean;
}

interface Begun extends ResolvedStage {
  readonly names: ReadonlySet<string>;
}

/**
 * Finds the stages that the target needs, with the triggers that run in each, and the images and contexts that they use.
 * @throws SlipwayError `configuration`
 */
export function reachStages(request: ReachRequest, target: number): Reached {
  return new Reacher(request).reach(target);
}

/** Number of faults that get a suggestion. Each suggestion compares the names of all stages. */
const mostSuggestions = 20;

class Reacher {
  private readonly dockerfile: Dockerfile;
  private readonly options: DockerfileOptions;
  private readonly scope: GlobalScope;
  private readonly triggers: ReadonlyMap<number, readonly Command[]>;
  private readonly contextNames: ReadonlyMap<string, string>;
  private readonly faults: Diagnostic[] = [];
  private readonly begun: Begun[] = [];
  /** Index of the last stage of each name, among the stages read so far. */
  private readonly begunByName = new Map<string, number>();
  private readonly lastByName: ReadonlyMap<string, number>;
  private readonly bases = new Map<string, BaseUse>();
  private readonly contexts = new Map<string, ContextUse>();

  constructor({ dockerfile, options, scope, triggers }: ReachRequest) {
    this.dockerfile = dockerfile;
    this.options = options;
    this.scope = scope;
    this.triggers = triggers;
    this.lastByName = new Map(
      dockerfile.stages.flatMap(({ name, index }) => (name === undefined ? [] : [[name, index]])),
    );
    this.contextNames = new Map([...options.contexts].map((name) => [familiarName(name), name]));
  }

  reach(target: number): Reached {
    for (const stage of this.dockerfile.stages) {
      this.begun.push(this.begin(stage));
      if (stage.name !== undefined) this.begunByName.set(stage.name, stage.index);
    }
    this.throwFaults();
    const reachable = this.follow(target);
    const stages = this.begun.filter((_, index) => reachable.has(index));
    for (const stage of stages) this.collect(stage);
    this.throwFaults();
    return {
      stages: stages.map(({ stage, base, platform }) => ({ stage, base, platform })),
      places: new Map(stages.map(({ stage }, place) => [stage.index, place])),
      bases: [...this.bases.values()],
      contexts: [...new Set([...this.contexts.values()].map(({ name }) => name))].sort(),
      contextUses: [...this.contexts.values()],
      names: new Set(stages.flatMap(({ names }) => [...names])),
      sourceOf: (from, isCopy) => this.sourceOf(from, isCopy),
    };
  }

  private begin(stage: Stage): Begun {
    const names = new Set<string>();
    const lookUp: Variables = (name) => {
      names.add(name);
      return this.scope.get(name);
    };
    const own = this.expandPlatform(stage, lookUp);
    const platform = own ?? this.options.platform;
    const replacing = stage.name === undefined ? undefined : this.contextOf(stage.name);
    if (replacing !== undefined) {
      const base = { kind: "context", name: replacing, replaces: "stage" } as const;
      return { stage, base, platform, names: new Set() };
    }
    const base = this.baseOf(stage, this.expand(stage, stage.base, lookUp));
    if (base.kind === "scratch") return { stage, base, platform: this.options.platform, names };
    if (base.kind !== "stage") return { stage, base, platform, names };
    return { stage, base, platform: this.begun[base.index]?.platform ?? platform, names };
  }

  private expandPlatform(stage: Stage, lookUp: Variables): Platform | undefined {
    if (stage.platform === undefined) return undefined;
    const expanded = this.expand(stage, stage.platform, lookUp);
    const parsed = this.parseShortPlatform(expanded, lookUp);
    if (parsed === undefined)
      this.fault(stage, `"--platform=${stage.platform}" is "${expanded}", which is no platform`);
    return parsed;
  }

  /** Completes `arm64` or `linux` from the build platform, as BuildKit does. */
  private parseShortPlatform(text: string, lookUp: Variables): Platform | undefined {
    if (text.includes("/") || text === "") return parsePlatform(text);
    const build = platformObject(this.options.buildPlatform);
    for (const name of buildPlatformArgs) lookUp(name);
    const isSystem = /^(?:linux|windows|darwin|freebsd)$/i.test(text);
    return parsePlatform(isSystem ? `${text}/${build.architecture}` : `${build.os}/${text}`);
  }

  private baseOf(stage: Stage, name: string): StageBase {
    const index = this.begunByName.get(name);
    if (index !== undefined) return { kind: "stage", index };
    if (name === "scratch") return { kind: "scratch" };
    const context = this.contextOf(name);
    if (context !== undefined) return { kind: "context", name: context, replaces: "base" };
    if (name === "") this.fault(stage, `"FROM ${stage.base}" is empty: an arg in it has no value`);
    else this.checkReference(stage, name);
    return { kind: "image", reference: name };
  }

  private checkReference(place: { line: number; column: number }, reference: string): void {
    if (parseReference(reference) !== undefined) return;
    const names = this.dockerfile.stages.map((stage) => stage.name).filter((name) => name !== undefined);
    const near = this.faults.length < mostSuggestions ? didYouMean(reference, names) : "";
    this.fault(place, `"${excerpt(reference)}" is no stage before it and no image reference${near}`);
  }

  private follow(target: number): ReadonlySet<number> {
    const reachable = new Set<number>();
    const open = [target];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const begun = this.begun[index];
      if (reachable.has(index) || begun === undefined) continue;
      reachable.add(index);
      if (begun.base.kind === "stage") open.push(begun.base.index);
      for (const { command, from, isCopy } of this.fromsOf(begun)) {
        const source = this.sourceOf(from, isCopy);
        if (source.kind !== "stage") continue;
        if (source.index < index) open.push(source.index);
        else this.fault(command, `"from=${from}" is used before that stage is defined: move the stage up`);
      }
    }
    return reachable;
  }

  /** Records the images and contexts that a stage uses. */
  private collect(begun: Begun): void {
    if (begun.base.kind === "context") this.addContext(begun.base.name, begun.platform, true);
    if (begun.base.kind === "image") this.addBase(begun.base.reference, begun.platform, true);
    for (const { command, from, isCopy } of this.fromsOf(begun)) {
      if (isCopy && this.hasVariable(from)) {
        this.fault(command, `"--from=${from}" cannot hold a variable: name a stage "FROM ${from} AS …" and use that`);
        continue;
      }
      const source = this.sourceOf(from, isCopy);
      if (source.kind === "context") this.addContext(source.name, this.options.platform, false);
      if (source.kind === "image") {
        this.checkFrom(command, source.reference, isCopy);
        this.addBase(source.reference, this.options.platform, false);
      }
    }
  }

  private checkFrom(command: Command, reference: string, isCopy: boolean): void {
    const count = this.dockerfile.stages.length;
    if (isCopy && /^[+-]?\d+$/.test(reference)) {
      this.fault(command, `"--from=${reference}" is no stage: they are numbered from 0 to ${count - 1}`);
    } else {
      this.checkReference(command, reference);
    }
  }

  private fromsOf(begun: Begun): readonly From[] {
    if (begun.base.kind === "context" && begun.base.replaces === "stage") return [];
    const commands = [...(this.triggers.get(begun.stage.index) ?? []), ...begun.stage.commands];
    return commands.flatMap((command): From[] => {
      if (command.kind === "copy" && command.from !== undefined) return [{ command, from: command.from, isCopy: true }];
      if (command.kind !== "run") return [];
      const froms = command.mounts.map((mount) => mount.from).filter((from) => from !== undefined);
      return froms.map((from) => ({ command, from, isCopy: false }));
    });
  }

  /** Resolves a `from`. A number is a stage index for `COPY --from` only. A name is a stage first, then a context, then an image. */
  private sourceOf(from: string, isCopy: boolean): Source {
    const { stages } = this.dockerfile;
    const index = isCopy && /^[+-]?\d+$/.test(from) ? Number(from) : (this.lastByName.get(from.toLowerCase()) ?? -1);
    if (index >= 0 && index < stages.length) return { kind: "stage", index };
    if (from === "scratch") return { kind: "scratch" };
    const context = this.contextOf(from);
    return context === undefined ? { kind: "image", reference: from } : { kind: "context", name: context };
  }

  private hasVariable(from: string): boolean {
    try {
      return expandWord(from, () => undefined, this.dockerfile.escape) !== from;
    } catch (error) {
      if (error instanceof ExpandError) return true;
      throw error;
    }
  }

  private contextOf(name: string): string | undefined {
    if (/^(?:scratch|context)$/i.test(name)) return undefined;
    return this.contextNames.get(familiarName(name));
  }

  private addBase(reference: string, platform: Platform, startsStage: boolean): void {
    const key = baseKey({ reference, platform });
    const known = this.bases.get(key);
    this.bases.set(key, { reference, platform, startsStage: startsStage || known?.startsStage === true });
  }

  private addContext(name: string, platform: Platform, startsStage: boolean): void {
    const key = baseKey({ reference: name, platform });
    this.contexts.set(key, {
      name,
      platform,
      startsStage: startsStage || this.contexts.get(key)?.startsStage === true,
    });
  }

  private expand(stage: Stage, word: string, lookUp: Variables): string {
    try {
      return expandWord(word, lookUp, this.dockerfile.escape, this.scope.steps);
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      this.fault(stage, `"${excerpt(word)}": ${error.message}`);
      return "scratch";
    }
  }

  private fault(place: { readonly line: number; readonly column: number }, message: string): void {
    this.faults.push({ file: this.dockerfile.file, line: place.line, column: place.column, message });
  }

  private throwFaults(): void {
    if (this.faults.length > 0) throw configurationError(this.faults);
  }
}

/**
 * The short form of a context's name: `docker.io/library/node:latest` and `node` name the same context. BuildKit compares the names
 * case-sensitively, so a host with capitals keeps its form.
 */
function familiarName(name: string): string {
  const host = name.slice(0, name.indexOf("/") + 1);
  if (host !== host.toLowerCase()) return name.replace(/:latest$/, "");
  const reference = parseReference(name);
  return reference === undefined ? name : renderReference(reference).replace(/:latest$/, "");
}
