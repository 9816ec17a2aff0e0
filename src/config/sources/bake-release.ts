import type { Host, ProcessResult } from "../../host.ts";
import { asList, parseJson } from "../../formats/json.ts";
import { isMap } from "../written/cursor.ts";
import type { Files } from "../files.ts";
import {
  decidingProbes,
  makeGuess,
  makeProbe,
  mayHoldVersion,
  type Probe,
  variableMeaning,
} from "./release-variables.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs bake with the definition's files, `env` added to the environment. */
export type RunBake = (args: readonly string[], env: Environment) => Promise<ProcessResult>;

/** Tags of each target, printed by bake with probes in the variables that a release sets. */
export interface BakedRelease {
  readonly probes: readonly Probe[];
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

/**
 * Finds the tags that targets have at a release. Bake prints them with probes in the variables that hold a version, a commit or a branch,
 * so that neither defaults nor the shell's values matter. Undefined: no variable makes a tag.
 * @param print The arguments that printed the definition.
 */
export async function bakeRelease(
  host: Host,
  files: Files,
  paths: readonly string[],
  bake: { readonly run: RunBake; readonly print: readonly string[] },
): Promise<BakedRelease | undefined> {
  const texts = await Promise.all(paths.map((path) => files.readText(path)));
  if (!texts.some((text) => text !== undefined && /\bvariable\b/.test(text))) return undefined;
  const probes = await listProbes(host, bake.run, namesThatBeginTags(texts));
  if (probes.length === 0) return undefined;
  const all = await printWith(probes, bake);
  // A variable that rejects its probe (by a validation, or a function that expects another form) keeps its value.
  const accepted = all === undefined ? await probesThatPrint(probes, bake) : probes;
  const printed = all ?? (accepted.length === 0 ? undefined : await printWith(accepted, bake));
  if (printed === undefined) return undefined;
  const deciding = decidingProbes(accepted, [...printed.values()].flat());
  const tags = deciding.length === accepted.length ? printed : await printWith(deciding, bake);
  return tags === undefined || deciding.length === 0 ? undefined : { probes: deciding, tags };
}

/** Names of the variables that begin a tag: `V` for `demo:${V}-cart`. */
function namesThatBeginTags(texts: readonly (string | undefined)[]): Set<string> {
  const found = texts.flatMap((text = "") => [...text.matchAll(/:v?\$\{\s*([A-Za-z_]\w*)\s*\}/g)]);
  return new Set(found.map(([, name = ""]) => name));
}

/** Chooses probes for variables by their names and their defaults, read with the shell's values unset. */
async function listProbes(host: Host, run: RunBake, beginning: ReadonlySet<string>): Promise<Probe[]> {
  const set = Object.keys(host.env).filter((name) => variableMeaning(name, "") !== undefined || beginning.has(name));
  const unset = Object.fromEntries(set.map((name) => [name, undefined]));
  const listed = await run(["--list", "type=variables,format=json"], unset);
  const items = listed.exitCode === 0 ? (asList(parseJson(listed.stdout)) ?? []) : [];
  return items.filter(isMap).flatMap(({ name, value }, index) => {
    if (typeof name !== "string") return [];
    const fallback = typeof value === "string" ? value : "";
    const meaning = variableMeaning(name, fallback);
    if (meaning !== undefined) return [makeProbe(name, meaning, index)];
    return beginning.has(name) && mayHoldVersion(name, fallback) ? [makeGuess(name, index)] : [];
  });
}

async function probesThatPrint(
  probes: readonly Probe[],
  bake: { readonly run: RunBake; readonly print: readonly string[] },
): Promise<Probe[]> {
  const printed = await Promise.all(probes.map((probe) => printWith([probe], bake)));
  return probes.filter((_, index) => printed[index] !== undefined);
}

async function printWith(
  probes: readonly Probe[],
  { run, print }: { readonly run: RunBake; readonly print: readonly string[] },
): Promise<Map<string, string[]> | undefined> {
  const result = await run(print, Object.fromEntries(probes.map(({ name, text }) => [name, text])));
  if (result.exitCode !== 0) return undefined;
  const value = parseJson(result.stdout);
  const targets = isMap(value) && isMap(value["target"]) ? Object.entries(value["target"]) : [];
  return new Map(targets.map(([name, target]) => [name, tagsOf(target)]));
}

function tagsOf(target: unknown): string[] {
  const tags: readonly unknown[] = isMap(target) && Array.isArray(target["tags"]) ? target["tags"] : [];
  return tags.filter((tag) => typeof tag === "string");
}
