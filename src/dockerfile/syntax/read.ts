import { byCodeUnit } from "../../model/order.ts";
import type { Platform } from "../../model/platform.ts";
import type { BaseConfig, BaseUse, BuildReads, Command, FileRead, ResolvedBuild, ResolvedStage } from "./dockerfile.ts";
import { baseKey } from "./dockerfile.ts";
import { parseTriggerCommand } from "./parse.ts";
import { type Reached, reachStages } from "../stages/reach.ts";
import { buildPlatformArgs, givenArg, type GlobalScope, isBuilderArg, makeGlobalScope } from "../stages/scope.ts";
import { StageReader, type StageState } from "../stages/stage.ts";

/**
 * Reads which files, args and instructions decide a build, given the configs of its base images. Keys of `bases` are `baseKey` of an image,
 * or the name of a named context, with `|` and the platform if it differs by platform. Only bases that start a stage need a config.
 * @throws SlipwayError `configuration`
 */
export function readBuild(resolved: ResolvedBuild, bases: ReadonlyMap<string, BaseConfig>): BuildReads {
  if (resolved.stages.length === 0) return readForeign(resolved);
  const scope = makeGlobalScope(resolved.dockerfile, resolved.options);
  const { reached, triggers } = reachWithTriggers(resolved, scope, bases);
  const states = new Map<number, StageState>();
  const readers = reached.stages.map((stage) => {
    const reader = new StageReader(resolved, scope, reached, triggers.get(stage.stage.index) ?? []);
    states.set(stage.stage.index, reader.read(stage, startOf(stage, bases), states));
    return reader;
  });
  const names = usedGlobals(resolved, scope, reached, readers);
  return {
    reads: readers.flatMap((reader) => reader.reads),
    instructions: [...headLines(resolved, names), ...readers.flatMap((reader) => reader.instructions)],
    countedLines: countedLines(resolved, names, reached),
    args: sortByName([...globalValues(resolved, scope, names), ...readers.flatMap((reader) => reader.args)]),
    usesBuildPlatform: [...names].some((name) => buildPlatformArgs.has(name)),
    volatile: [...new Set(readers.flatMap((reader) => reader.volatile))],
    runsOn: runPlatforms(reached, triggers),
    moreBases: missingBases(resolved, reached, bases),
    moreContexts: reached.contexts.filter((name) => !resolved.contexts.includes(name) && !bases.has(name)),
    contextUses: reached.contextUses,
  };
}

/** The reads of another frontend. It has no stages, and may read everything. */
function readForeign(resolved: ResolvedBuild): BuildReads {
  const everything = {
    instruction: "FROM",
    line: 1,
    sources: ["."],
    wildcards: false,
    exclude: [],
    parents: false,
  } as const;
  const named = resolved.contexts.map((name): FileRead => ({ ...everything, from: { kind: "named", name } }));
  return {
    reads: [{ ...everything, from: { kind: "context" } }, ...named],
    instructions: [],
    countedLines: "all",
    args: resolved.options.args,
    usesBuildPlatform: true,
    volatile: [`the frontend "${resolved.frontend ?? ""}" is not Docker's: what it reads is not known`],
    runsOn: [],
    moreBases: [],
    moreContexts: [],
    contextUses: resolved.contextUses,
  };
}

/** Platforms on which programs run. A stage without a RUN needs no machine of its platform. */
function runPlatforms({ stages }: Reached, triggers: ReadonlyMap<number, readonly Command[]>): readonly Platform[] {
  const running = stages.filter(({ stage, base }) => {
    if (base.kind === "context" && base.replaces === "stage") return false;
    return [...(triggers.get(stage.index) ?? []), ...stage.commands].some(({ kind }) => kind === "run");
  });
  return [...new Set(running.map(({ platform }) => platform))].sort(byCodeUnit);
}

/** Follows stages and triggers until no new stage is found, because a trigger may use stages whose bases have triggers too. */
function reachWithTriggers(
  resolved: ResolvedBuild,
  scope: GlobalScope,
  bases: ReadonlyMap<string, BaseConfig>,
): { reached: Reached; triggers: ReadonlyMap<number, readonly Command[]> } {
  const { dockerfile, options } = resolved;
  const target = resolved.stages.at(-1)?.stage.index ?? 0;
  const triggers = new Map<number, readonly Command[]>();
  for (;;) {
    const reached = reachStages({ dockerfile, options, scope, triggers }, target);
    const fresh = reached.stages.filter(({ stage }) => !triggers.has(stage.index));
    if (fresh.length === 0) return { reached, triggers };
    for (const stage of fresh) triggers.set(stage.stage.index, triggersOf(resolved, stage, bases));
  }
}

function triggersOf(
  resolved: ResolvedBuild,
  stage: ResolvedStage,
  bases: ReadonlyMap<string, BaseConfig>,
): readonly Command[] {
  const { file, stages } = resolved.dockerfile;
  const { line, column } = stage.stage;
  const texts =
    stage.base.kind === "stage"
      ? (stages[stage.base.index]?.commands ?? []).flatMap((command) =>
          command.kind === "onbuild" ? [command.trigger] : [],
        )
      : stage.base.kind === "context" && stage.base.replaces === "stage"
        ? []
        : (startOf(stage, bases)?.onBuild ?? []);
  return texts.map((text) => parseTriggerCommand(text, file, line, column));
}

function startOf(stage: ResolvedStage, bases: ReadonlyMap<string, BaseConfig>): BaseConfig | undefined {
  const { base, platform } = stage;
  if (base.kind === "image") return bases.get(baseKey({ reference: base.reference, platform }));
  if (base.kind !== "context") return undefined;
  return bases.get(baseKey({ reference: base.name, platform })) ?? bases.get(base.name);
}

function missingBases(
  resolved: ResolvedBuild,
  reached: Reached,
  bases: ReadonlyMap<string, BaseConfig>,
): readonly BaseUse[] {
  const known = new Set(resolved.bases.map(baseKey));
  return reached.bases.filter((base) => !bases.has(baseKey(base)) && (base.startsStage || !known.has(baseKey(base))));
}

/** Global args that decide the build: used by a `FROM` or a stage, or read by BuildKit itself. */
function usedGlobals(
  resolved: ResolvedBuild,
  scope: GlobalScope,
  reached: Reached,
  readers: readonly StageReader[],
): ReadonlySet<string> {
  const declared = resolved.dockerfile.globalArgs.map(({ name }) => name).filter(isBuilderArg);
  return scope.close([...reached.names, ...declared, ...readers.flatMap((reader) => [...reader.globals])]);
}

function globalValues(
  resolved: ResolvedBuild,
  scope: GlobalScope,
  names: ReadonlySet<string>,
): readonly (readonly [string, string])[] {
  const builder = Object.entries(resolved.options.args).filter(([name]) => isBuilderArg(name));
  const used = [...names].flatMap((name) => {
    const value = scope.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return [...builder, ...used];
}

/**
 * Lines for the fingerprint before the instructions: the escape character, which changes how lines are parsed, and the global args that are
 * used.
 */
function headLines(resolved: ResolvedBuild, names: ReadonlySet<string>): readonly string[] {
  const { escape, globalArgs } = resolved.dockerfile;
  const used = globalArgs.filter(({ name }) => names.has(name) && givenArg(resolved.options, name) === undefined);
  const lines = used.map(({ name, value }) => (value === undefined ? `ARG ${name}` : `ARG ${name}=${value}`));
  return escape === "`" ? ["# escape=`", ...lines] : lines;
}

/** First lines of the instructions that count. A stage that a context replaces has none. */
function countedLines(resolved: ResolvedBuild, names: ReadonlySet<string>, { stages }: Reached): ReadonlySet<number> {
  const used = resolved.dockerfile.globalArgs.filter(({ name }) => names.has(name));
  const own = stages.filter(({ base }) => !(base.kind === "context" && base.replaces === "stage"));
  return new Set([...used, ...own.flatMap(({ stage }) => [stage, ...stage.commands])].map(({ line }) => line));
}

function sortByName(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries([...new Map(entries)].sort(([left], [right]) => byCodeUnit(left, right)));
}
