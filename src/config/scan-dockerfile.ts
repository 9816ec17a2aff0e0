import { readLines } from "../dockerfile/lines.ts";
import { parseJsonForm, splitBlanks, splitCsv } from "../dockerfile/words.ts";

/**
 * What discovery asks of a Dockerfile before anybody reads it properly: which images it names and which paths it copies.
 * A light scan of the text; the reader that decides about fingerprints is `src/dockerfile`.
 */
export interface DockerfileScan {
  /** `FROM`, `COPY --from=` and `RUN --mount=…,from=` that name no stage of the file, with args filled in. */
  readonly references: readonly string[];
  /** Sources of `COPY` and `ADD` in the context, relative to it; those with variables are left out. */
  readonly sources: readonly string[];
}

export function scanDockerfile(text: string, args: Readonly<Record<string, string>> = {}): DockerfileScan {
  const globals = new Map<string, string>();
  const stages = new Set<string>();
  const references = new Set<string>();
  const sources = new Set<string>();
  let stageCount = 0;
  const addReference = (written: string | undefined): void => {
    const reference = written === undefined ? undefined : expand(unquote(written), globals);
    if (reference === undefined || reference === "" || reference === "scratch") return;
    if (!stages.has(reference.toLowerCase()) && !/^\d+$/.test(reference)) references.add(reference);
  };

  for (const { keyword: written, flags, args: rest } of readLines(text, "", []).instructions) {
    const keyword = written.toUpperCase();
    const words = splitBlanks(rest);
    if (keyword === "ARG" && stageCount === 0) {
      for (const word of words) declareArg(word, args, globals);
    } else if (keyword === "FROM") {
      addReference(words[0]);
      if (words[1]?.toLowerCase() === "as" && words[2] !== undefined) stages.add(words[2].toLowerCase());
      stageCount += 1;
    } else if (keyword === "COPY" || keyword === "ADD") {
      const from = flagValue(flags, "from");
      addReference(from);
      if (from === undefined) for (const source of copySources(rest, words)) sources.add(source);
    } else if (keyword === "RUN") {
      for (const flag of flags) if (flag.startsWith("--mount=")) addReference(mountedFrom(flag.slice(8)));
    }
  }
  return { references: [...references], sources: [...sources] };
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

/** Longer than any image reference and what makes one; args may hold each other many times over. */
const longestReference = 1024;

/** Fills in `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`; undefined when a variable has no value. */
function expand(text: string, values: ReadonlyMap<string, string>): string | undefined {
  if (text.length > longestReference) return undefined;
  let isWhole = true;
  const filled = text.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})/g,
    (_whole, bare: string | undefined, braced: string | undefined, operator: string | undefined, word = "") => {
      const value = values.get(bare ?? braced ?? "");
      const isSet = value !== undefined && (value !== "" || operator?.startsWith(":") !== true);
      if (operator?.endsWith("+") === true) return isSet ? String(word) : "";
      if (isSet) return value;
      if (operator === undefined) isWhole = false;
      return String(word);
    },
  );
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
