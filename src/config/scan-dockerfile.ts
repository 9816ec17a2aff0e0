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

interface Instruction {
  readonly keyword: string;
  readonly rest: string;
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

  for (const { keyword, rest } of readInstructions(text)) {
    const { flags, words } = splitWords(rest);
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
      for (const flag of flags) addReference(/^--mount=(?:.*,)?from=([^,]+)/.exec(flag)?.[1]);
    }
  }
  return { references: [...references], sources: [...sources] };
}

function* readInstructions(text: string): Generator<Instruction> {
  const escape = /^#\s*escape\s*=\s*(\S)/im.exec(text.slice(0, 2000))?.[1] === "`" ? "`" : "\\";
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    let line = lines[index] ?? "";
    if (/^\s*(?:#|$)/.test(line)) continue;
    while (line.trimEnd().endsWith(escape) && index + 1 < lines.length) {
      index += 1;
      const next = lines[index] ?? "";
      const continued = line.trimEnd().slice(0, -1);
      line = /^\s*(?:#|$)/.test(next) ? `${continued}${escape}` : `${continued} ${next.trim()}`;
    }
    const [, keyword = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
    yield { keyword: keyword.toUpperCase(), rest };
    if (!/^(?:RUN|COPY|ADD)$/i.test(keyword)) continue;
    for (const [, quote = "", name = ""] of rest.matchAll(/(?<!<)<<-?(["']?)([A-Za-z_][\w.]*)\1/g)) {
      void quote;
      while (index + 1 < lines.length && (lines[index + 1] ?? "").replace(/^\t+/, "").trimEnd() !== name) index += 1;
      index += 1;
    }
  }
}

function splitWords(rest: string): { flags: string[]; words: string[] } {
  const all = rest.split(/\s+/).filter((word) => word !== "");
  const first = all.findIndex((word) => !word.startsWith("--"));
  return first < 0 ? { flags: all, words: [] } : { flags: all.slice(0, first), words: all.slice(first) };
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

/** Fills in `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:+d}`; undefined when a variable has no value. */
function expand(text: string, values: ReadonlyMap<string, string>): string | undefined {
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
  return isWhole ? filled : undefined;
}

function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

function copySources(rest: string, words: readonly string[]): string[] {
  const json = /\[.*\]\s*$/s.exec(rest)?.[0];
  const all = (words[0]?.startsWith("[") === true && json !== undefined ? parseJsonWords(json) : undefined) ?? words;
  return all
    .slice(0, -1)
    .map(unquote)
    .filter((source) => !/[$]|^<<|^[a-z]+:\/\/|^git@/.test(source));
}

function parseJsonWords(json: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((word) => typeof word === "string") : undefined;
  } catch {
    return undefined;
  }
}
