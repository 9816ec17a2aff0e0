import { readLines } from "../../dockerfile/syntax/lines.ts";
import { parseJsonForm, splitBlanks } from "../../dockerfile/syntax/words.ts";
import { splitCsv } from "../../formats/csv-fields.ts";

/**
 * The images that a Dockerfile names and the paths that it copies, for discovery. A light scan of the text; fingerprints use the reader in
 * `src/dockerfile`.
 */
export interface DockerfileScan {
  /** Stages in the order of the file. */
  readonly stages: readonly ScannedStage[];
  /** Sources of `COPY` and `ADD` in the context, relative to it; those with variables are left out. */
  readonly sources: readonly string[];
  /** The first instruction, in upper case; undefined: there is none. */
  readonly first: string | undefined;
}

/** A stage: one `FROM` and its instructions. */
export interface ScannedStage {
  /** Name in lower case; undefined: it has none. */
  readonly name: string | undefined;
  /** Images and stages (by name or number) of `FROM`, `COPY --from=` and `RUN --mount=…,from=`, with args filled in. */
  readonly uses: readonly string[];
}

export function scanDockerfile(text: string, args: Readonly<Record<string, string>> = {}): DockerfileScan {
  const globals = new Map<string, string>();
  const stages: { readonly name: string | undefined; readonly uses: string[] }[] = [];
  const sources = new Set<string>();
  let first: string | undefined;
  const use = (written: string | undefined): void => {
    const reference = written === undefined ? undefined : expand(unquote(written), globals);
    if (reference !== undefined && reference !== "" && reference !== "scratch") stages.at(-1)?.uses.push(reference);
  };

  for (const { keyword: written, flags, args: rest } of readLines(text, "", []).instructions) {
    const keyword = written.toUpperCase();
    const words = splitBlanks(rest);
    first ??= keyword;
    if (keyword === "ARG" && stages.length === 0) {
      for (const word of words) declareArg(word, args, globals);
    } else if (keyword === "FROM") {
      const isNamed = words[1]?.toLowerCase() === "as";
      stages.push({ name: isNamed ? words[2]?.toLowerCase() : undefined, uses: [] });
      use(words[0]);
    } else if (keyword === "COPY" || keyword === "ADD") {
      const from = flagValue(flags, "from");
      use(from);
      if (from === undefined) for (const source of copySources(rest, words)) sources.add(source);
    } else if (keyword === "RUN") {
      for (const flag of flags) if (flag.startsWith("--mount=")) use(mountedFrom(flag.slice(8)));
    }
  }
  return { stages, sources: [...sources], first };
}

/** Images that the reached stages name; without such a target, those of all stages. */
export function reachedReferences({ stages }: DockerfileScan, target: string | undefined): string[] {
  const stageOf = findStages(stages);
  const start = target === undefined ? stages.length - 1 : stageOf(target, stages.length);
  const open = start === undefined || start < 0 ? stages.map((_, index) => index) : [start];
  const reached = new Set(open);
  const references = new Set<string>();
  // Iterating a set includes entries that are added meanwhile.
  for (const index of reached) {
    for (const written of stages[index]?.uses ?? []) {
      const stage = stageOf(written, index);
      if (stage === undefined) references.add(written);
      else reached.add(stage);
    }
  }
  return [...references];
}

/** Finds a stage before another, by its name (the last of that name) or its number. */
function findStages(stages: readonly ScannedStage[]): (written: string, before: number) => number | undefined {
  /** Numbers of stages by their name, rising. */
  const named = new Map<string, number[]>();
  for (const [index, { name }] of stages.entries()) {
    if (name === undefined) continue;
    const same = named.get(name) ?? [];
    same.push(index);
    named.set(name, same);
  }
  return (written, before) => {
    const same = named.get(written.toLowerCase()) ?? [];
    const next = firstFrom(same, before);
    if (next > 0) return same[next - 1];
    return /^\d+$/.test(written) && Number(written) < stages.length ? Number(written) : undefined;
  };
}

/** The position of the first of these rising numbers that is not below `least`. */
function firstFrom(numbers: readonly number[], least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? least) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mountedFrom(mount: string): string | undefined {
  const field = splitCsv(mount)?.findLast((each) => each.startsWith("from="));
  return field === undefined || field === "from=" ? undefined : field.slice(5);
}

function flagValue(flags: readonly string[], name: string): string | undefined {
  return flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);
}

function declareArg(word: string, given: Readonly<Record<string, string>>, globals: Map<string, string>): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const written = equals < 0 ? undefined : expand(unquote(word.slice(equals + 1)), globals);
  const value = Object.hasOwn(given, name) ? given[name] : written;
  if (value !== undefined) globals.set(name, value);
}

/** Upper limit of an expanded reference's length, because args may contain each other many times over. */
const longestReference = 1024;

/** Fills in `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`; undefined when a variable has no value. */
function expand(text: string, values: ReadonlyMap<string, string>): string | undefined {
  if (text.length > longestReference) return undefined;
  let isWhole = true;
  const filled = text.replaceAll(/\$(?:\w+|\{\w+(?::?[-+][^{}]*)?\})/g, (written) => {
    const [, name = "", operator, word = ""] = /^\$\{?(\w+)(?:(:?[-+])([^{}]*))?/.exec(written) ?? [];
    const value = values.get(name);
    const isSet = value !== undefined && (value !== "" || operator?.startsWith(":") !== true);
    if (operator?.endsWith("+") === true) return isSet ? word : "";
    if (isSet) return value;
    if (operator === undefined) isWhole = false;
    return word;
  });
  return isWhole && filled.length <= longestReference ? filled : undefined;
}

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

function copySources(args: string, words: readonly string[]): string[] {
  const json = parseJsonForm(args);
  const all = json?.kind === "strings" ? json.strings : words;
  return all
    .slice(0, -1)
    .map(unquote)
    .filter((source) => !/[$]|^<<|^[a-z]+:\/\/|^git@/.test(source));
}
