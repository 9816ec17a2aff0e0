import { largest } from "../../model/lists.ts";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { errorMessage, isInterruption } from "../../errors.ts";
import { asFields, type Fields, fieldsOf, parseJson } from "../../formats/json.ts";
import { type BakeArguments, readBakeArguments } from "../../invocation/bake-arguments.ts";
import { type BakeDefinition, readBakeDefinition, readBakeTarget } from "../../invocation/bake-target.ts";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import type { BakePart, BakeResults, CallersBake } from "../drop-in/bake/bake-request.ts";
import { runDropInBake } from "../drop-in/bake/run-drop-in-bake.ts";
import { printReused, printWarnings } from "./print-to-caller.ts";
import { listenToWarnings, type RealOptions, type ScriptCommandEnd, type ScriptContext } from "./script-context.ts";
import { noteOf, passedNote } from "./script-note.ts";

/**
 * Performs a script's `docker buildx bake`, also one by Compose: reuses targets whose images are published, and builds all others by one bake with
 * the caller's streams. A fault before that bake has started leads to the caller's own bake, once.
 */
export async function runScriptBake(context: ScriptContext, argv: readonly string[]): Promise<ScriptCommandEnd> {
  const { host } = context;
  const asked = readBakeArguments(argv, host.env);
  const input: RealOptions = asked.readsInput ? { stdin: await host.input.readAll() } : {};
  const pass = async (because: string): Promise<ScriptCommandEnd> => {
    const exitCode = await context.runReal(["bake", ...argv], input);
    return {
      exitCode,
      notes: [passedNote({ name: `bake ${asked.words.join(" ")}`.trim(), time: host.now() }, exitCode, because)],
    };
  };
  if (asked.unknown !== undefined) return pass(`${asked.unknown}: Slipway does not know this flag of bake`);
  const definition = await printDefinition(context, asked, input);
  if (definition === undefined) return pass("bake does not print what it would build");
  const folder = await makeTemporaryFolder(host, "build");
  const bake: ScriptBake = { context, asked, input, definition, file: join(folder, "metadata.json"), hasBegun: false };
  try {
    return await bakeTargets(bake);
  } catch (error) {
    if (bake.hasBegun || isInterruption(error)) throw error;
    return await pass(`planning failed: ${errorMessage(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ScriptBake {
  readonly context: ScriptContext;
  readonly asked: BakeArguments;
  /** Definition from standard input, if there is one; each call of bake gets it. */
  readonly input: RealOptions;
  readonly definition: BakeDefinition;
  /** Path of buildx's metadata file. */
  readonly file: string;
  hasBegun: boolean;
}

/** Prints the definition that bake would build; undefined: bake fails. It then reports its error when it is started to build. */
async function printDefinition(
  context: ScriptContext,
  { flags, words }: BakeArguments,
  input: RealOptions,
): Promise<BakeDefinition | undefined> {
  const { exitCode, stdout } = await context.printReal(["bake", "--print", ...flags, ...words], input);
  return exitCode === 0 ? readBakeDefinition(parseJson(stdout)) : undefined;
}

async function bakeTargets(bake: ScriptBake): Promise<ScriptCommandEnd> {
  const { context, asked, definition } = bake;
  const { host, run, options } = context;
  const started = host.now();
  const warnings: string[] = [];
  const { emit, registry } = listenToWarnings(context, (message) => warnings.push(message));
  const results = await runDropInBake(
    { host, emit, run, registry, runBake: (part) => bakePart(bake, part) },
    { definition, remote: asked.remote, builder: asked.builder, cwd: host.cwd, options },
  );
  await writeMetadata(bake, results);
  const { progress } = asked.reports;
  const say = { quiet: false, progress };
  const builds = definition.requested.map((name) => {
    const target = readBakeTarget(name, definition.targets[name] ?? {}, asked.remote);
    return { name, invocation: readBuildArguments(target.argv, host.env), result: results.get(name) };
  });
  for (const { invocation, result } of builds) {
    if (result?.kind === "reused") printReused(host, say, { result, tags: invocation.tags, started });
  }
  printWarnings(host, say, warnings);
  const exitCode = largest([...results.values()].map((result) => result.exitCode));
  const notes = builds.flatMap(({ name, invocation, result }) =>
    result === undefined ? [] : [noteOf({ name, time: started, invocation }, result)],
  );
  return { exitCode, notes };
}

async function bakePart(bake: ScriptBake, { targets, overrides, isWhole }: BakePart): Promise<CallersBake> {
  const { context, asked, input, file } = bake;
  bake.hasBegun = true;
  const { metadataFile, progress } = asked.reports;
  const words = isWhole ? asked.words : [...(asked.remote === undefined ? [] : [asked.remote]), ...targets];
  const sets = overrides.flatMap((override) => ["--set", override]);
  const args = ["bake", "--progress", progress, "--metadata-file", file, ...asked.flags, ...sets, ...words];
  // If the caller requested no metadata file, this stops buildx from looking up provenance for ours and printing a message about it.
  const env: Record<string, string> = metadataFile === undefined ? { BUILDX_METADATA_PROVENANCE: "disabled" } : {};
  const exitCode = await context.runReal(args, { ...input, env });
  const built = exitCode === 0 ? Object.entries(await readMetadata(file)) : [];
  return {
    exitCode,
    stderrLines: undefined,
    metadata: Object.fromEntries(built.map(([name, each]) => [name, fieldsOf(each)])),
  };
}

/** Writes the caller's metadata file: buildx's metadata of built targets, and that of reused ones in the same form. */
async function writeMetadata({ context, asked, file }: ScriptBake, results: BakeResults): Promise<void> {
  const { metadataFile } = asked.reports;
  const ended = [...results.values()];
  if (metadataFile === undefined || ended.some(({ exitCode }) => exitCode !== 0)) return;
  const reused = [...results].flatMap(([name, { kind, metadata }]) =>
    kind === "reused" ? [[name, metadata] as const] : [],
  );
  const all = { ...(await readMetadata(file)), ...Object.fromEntries(reused) };
  await writeFile(resolve(context.host.cwd, metadataFile), JSON.stringify(all, null, 2));
}

async function readMetadata(file: string): Promise<Fields> {
  return asFields(parseJson(await readFile(file, "utf8").catch(() => ""))) ?? {};
}
