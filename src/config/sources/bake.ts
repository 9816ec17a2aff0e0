import { addAll } from "../../model/lists.ts";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join, posix } from "node:path";
import { runBuildx } from "../../buildkit/buildx.ts";
import { hasKind, withProgramOutput, SlipwayError, whileDoing } from "../../errors.ts";
import type { Host, ProcessResult } from "../../host.ts";
import { didYouMean } from "../../model/closest.ts";
import { byCodeUnit } from "../../model/order.ts";
import type { LeftOut } from "../../model/service.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import { bakeRelease, type RunBake } from "./bake-release.ts";
import { checkBakeReads } from "./bake-compose.ts";
import { isBakeGroups, makeTarget, type PrintedBake, whyNotImage, whyUnbuildable, writtenKeys } from "./bake-target.ts";
import { isMap } from "../written/cursor.ts";
import { bakeKeys, reportKeys } from "./definition-keys.ts";
import type { Files } from "../files.ts";
import type { SourceServices, FoundService, Unbuildable } from "../project/layer.ts";
import { parseServiceName } from "../project/names.ts";
import { addFault, type Faults, type Place, type PlacedValue } from "../written/place.ts";
import { credentialFault, isCredential } from "./suspicious-args.ts";

const names = ["docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"];

/** Lists the bake files at the root. */
async function bakeFiles(files: Files): Promise<string[]> {
  const there = await Promise.all(names.map((name) => files.isFile(name)));
  return names.filter((_, index) => there[index] === true);
}

/** The selected part of a definition. */
export interface BakeRequest {
  /** Files to read; undefined: those that bake finds, Compose's included. */
  readonly given: readonly string[] | undefined;
  /** Groups and targets to select; empty: the group `default`. */
  readonly targets: readonly PlacedValue<string>[];
  /** Names with an entry in slipway.yaml. A target of such a name is a service in any group. */
  readonly asked: ReadonlySet<string>;
}

/**
 * Reads the targets of bake files, as `docker buildx bake --print` resolves them: the selected ones, else those of the group `default`,
 * else every target with tags; and, without visible tags, targets that these use as a named context.
 */
export async function findBake(
  host: Host,
  files: Files,
  request: BakeRequest,
  faults: Faults,
): Promise<SourceServices> {
  const before = faults.length;
  const { given } = request;
  const paths = given ?? (await bakeFiles(files));
  const source = paths[0] ?? "docker-bake.hcl";
  await checkBakeReads(files, given ?? [], faults);
  for (const path of paths) await files.isFile(path);
  // bake opens files itself, so it is not started if one is outside of the repository.
  if (faults.length > before) return { services: [], leftOut: [], source, warnings: [] };
  const fileFlags = (given ?? []).flatMap((path) => ["--file", path]);
  const run: RunBake = (args, env) => runBake(host, files.root, [...fileFlags, ...args], env);
  const texts = await Promise.all(paths.map((path) => files.readText(path)));
  const hasGroups = texts.some((text) => text !== undefined && /\bgroup\b/.test(text));
  const printed = await whileReading(source, () => printBake(run, { ...request, hasGroups }, faults));
  const release = await bakeRelease(host, files, paths, { run, print: printed.args });
  const places = await targetPlaces(files, paths, Object.keys(printed.targets));
  const warnings = new Set<string>();
  const leftOut: LeftOut[] = [];
  const services: FoundService[] = [];
  const unbuildable: Unbuildable[] = [];
  for (const [name, isListed] of wantedTargets(printed)) {
    const target = printed.targets[name];
    if (target === undefined) continue;
    const cannot = whyUnbuildable(target);
    const because = cannot ?? whyNotImage(target, isListed);
    const at = places.get(name) ?? { file: source };
    if (cannot !== undefined) unbuildable.push({ name, at, because: cannot });
    if (because !== undefined) leftOut.push({ path: `${source}: ${name}`, because });
    else {
      reportKeys(bakeKeys, name, writtenKeys(target, at), { faults, warnings });
      addAll(services, makeTarget({ name, target, at, isListed, release }, files.root, faults));
    }
  }
  const chosen = new Set([...services.map(({ name }) => name), ...leftOut.map(({ path }) => path.split(": ")[1])]);
  for (const name of Object.keys(printed.targets)) {
    if (!chosen.has(name))
      leftOut.push({ path: `${source}: ${name}`, because: "it has no tags, and no service uses it" });
  }
  const from = request.targets.length === 0 ? "the group default" : "the targets that slipway.yaml names";
  const how = "to release it, name it under services in slipway.yaml, or a group that has it under bakeTargets";
  for (const name of printed.others) {
    leftOut.push({ path: `${source}: ${name}`, because: `it is not in ${from}; ${how}` });
  }
  return {
    services,
    leftOut,
    unbuildable,
    source,
    warnings: [...warnings, ...(await unseenVariables(host.env, files, paths))],
  };
}

/** Warns of set variables that bake does not get. */
async function unseenVariables(env: Host["env"], files: Files, paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map(async (path) => [path, (await files.readText(path)) ?? ""] as const));
  return texts.flatMap(([path, text]) =>
    Object.keys(env)
      .filter((name) => isCredential(name, env[name] ?? "") && text.includes(`"${name}"`))
      .map((name) => `${path}: ${credentialFault(name)}`),
  );
}

async function whileReading<T>(source: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!hasKind(error, "program-unavailable")) throw whileDoing(`reading ${source}`, error);
    throw error.reworded(
      `reading ${source}: ${error.message}`,
      "bake files are read by docker buildx; install Docker, or write the services into slipway.yaml, or choose another source there (from: dockerfiles)",
    );
  }
}

/** Prints the selected targets, else the group `default`, else all. */
async function printBake(
  run: RunBake,
  { targets, asked, hasGroups }: BakeRequest & { readonly hasGroups: boolean },
  faults: Faults,
): Promise<PrintedBake> {
  const first = ["--print", ...targets.map(({ value }) => value)];
  const listAll = (): Promise<ProcessResult> => run(["--list", "type=targets,format=json"], {});
  // Without groups bake prints every target.
  const isSelected = hasGroups || targets.length > 0;
  const [printed, early] = await Promise.all([run(first, {}), isSelected ? listAll() : undefined]);
  const listed = early ?? (printed.exitCode === 0 ? undefined : await listAll());
  const all = listed?.exitCode === 0 ? targetNames(listed.stdout) : undefined;
  if (printed.exitCode === 0) {
    const value = parsePrinted(printed.stdout);
    const more = (all ?? []).filter(
      (name) => value.targets[name] === undefined && asked.has(parseServiceName(name) ?? name),
    );
    const args = more.length === 0 ? first : [...(targets.length === 0 ? [...first, "default"] : first), ...more];
    const whole = more.length === 0 ? value : parsePrinted((await runWell(run, args)).stdout);
    const others = (all ?? []).filter((name) => whole.targets[name] === undefined);
    return { ...whole, hasDefault: true, args, others };
  }
  const unknown = targets.find(({ value }) => printed.stderr.includes(`failed to find target ${value}`));
  if (unknown !== undefined) {
    addFault(
      faults,
      unknown.at,
      `there is no target or group "${unknown.value}"${didYouMean(unknown.value, all ?? [])}`,
    );
    return { groups: {}, targets: {}, hasDefault: false, args: [], others: [] };
  }
  if (targets.length > 0 || !printed.stderr.includes("failed to find target default")) throw bakeFailed(printed);
  if (all === undefined) throw bakeFailed(listed ?? printed);
  if (all.length === 0) return { groups: {}, targets: {}, hasDefault: false, args: [], others: [] };
  const args = ["--print", ...all];
  return { ...parsePrinted((await runWell(run, args)).stdout), hasDefault: false, args, others: [] };
}

async function runWell(run: RunBake, args: readonly string[]): Promise<ProcessResult> {
  const result = await run(args, {});
  if (result.exitCode !== 0) throw bakeFailed(result);
  return result;
}

/** buildx looks for the ssh agent even to print; without an agent it gets a socket that does not answer. */
async function runBake(
  host: Host,
  root: string,
  args: readonly string[],
  added: Parameters<RunBake>[1] = {},
): Promise<ProcessResult> {
  const run = (env: Parameters<RunBake>[1]): Promise<ProcessResult> =>
    runBuildx(host, ["bake", ...args], { cwd: root, env, signal: host.signal });
  const result = await run(added);
  if (result.exitCode === 0 || !result.stderr.includes("SSH_AUTH_SOCK")) return result;
  const folder = await makeTemporaryFolder(host, "agent");
  const server = createServer((socket) => socket.destroy());
  try {
    const path = join(folder, "agent");
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
    return await run({ ...added, SSH_AUTH_SOCK: path });
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function bakeFailed({ stderr, exitCode }: ProcessResult): SlipwayError {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^#\d+ /.test(line));
  return new SlipwayError(
    "bake-failed",
    withProgramOutput(`docker buildx bake --print ended with ${exitCode}`, lines.join("\n")),
    {
      hint: "run it yourself to see more; bake reads secret files and variables even to print",
    },
  );
}

function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SlipwayError("bake-failed", `docker buildx bake printed no JSON: ${JSON.stringify(text.slice(0, 200))}`, {
      cause: error,
    });
  }
}

function parsePrinted(stdout: Uint8Array): Omit<PrintedBake, "hasDefault" | "args" | "others"> {
  const value = parseJson(stdout);
  const groups = isMap(value) && isMap(value["group"]) ? value["group"] : {};
  const targets = isMap(value) && isMap(value["target"]) ? value["target"] : {};
  return {
    groups: Object.fromEntries(Object.entries(groups).flatMap(([name, group]) => isBakeGroups(name, group))),
    targets: Object.fromEntries(
      Object.entries(targets).flatMap(([name, target]) => (isMap(target) ? [[name, target] as const] : [])),
    ),
  };
}

function targetNames(stdout: Uint8Array): string[] {
  const value = parseJson(stdout);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items
    .filter(isMap)
    .filter((item) => item["group"] !== true)
    .flatMap(({ name }) => (typeof name === "string" && !name.startsWith("_") ? [name] : []));
}

/** The targets to make services of, and whether each is selected itself or only used by another as a context. */
function wantedTargets({ groups, targets, hasDefault }: PrintedBake): Map<string, boolean> {
  const wanted = new Map<string, boolean>();
  const hasTags = (name: string): boolean => {
    const tags = targets[name]?.["tags"];
    return Array.isArray(tags) && tags.length > 0;
  };
  const want = (name: string, isListed: boolean): void => {
    const group = groups[name];
    if (group !== undefined && targets[name] === undefined) for (const member of group) want(member, isListed);
    if (targets[name] === undefined || wanted.get(name) === true || wanted.get(name) === isListed) return;
    wanted.set(name, isListed);
    const contexts = targets[name]["contexts"];
    for (const value of isMap(contexts) ? Object.values(contexts) : []) {
      const used = /^target:(.+)$/.exec(String(value))?.[1];
      if (used !== undefined) want(used, hasTags(used));
    }
  };
  const listed = hasDefault ? (groups["default"] ?? Object.keys(targets)) : Object.keys(targets).filter(hasTags);
  for (const name of [...listed].sort(byCodeUnit)) want(name, true);
  return wanted;
}

/** Finds where targets are written, since bake's output does not say. */
async function targetPlaces(
  files: Files,
  paths: readonly string[],
  targets: readonly string[],
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const path of paths) {
    const lines = ((await files.readText(path)) ?? "").split("\n");
    for (const [index, line] of lines.entries()) {
      const name = /^\s*target\s+"([^"]+)"/.exec(line)?.[1] ?? /^\s*"([^"]+)"\s*:\s*\{/.exec(line)?.[1];
      if (name === undefined || places.has(name) || !targets.includes(name)) continue;
      places.set(name, { file: posix.normalize(path), line: index + 1, column: line.search(/\S/) + 1 });
    }
  }
  return places;
}
