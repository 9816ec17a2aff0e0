import { type Delimiters, expressionDelimiters, findSpans } from "../../formats/spans.ts";

/** A `docker build` in a script, as its arguments say. */
export interface ShellBuild {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly context: string;
}

/** The builds of a script, and its other commands. */
export interface ShellScript {
  readonly builds: readonly ShellBuild[];
  /** References that are given by `docker tag`, from → to. */
  readonly tags: readonly (readonly [from: string, to: string])[];
  readonly pushes: readonly string[];
  readonly others: readonly string[];
}

const short: Readonly<Record<string, string>> = { t: "tag", f: "file", o: "output", q: "quiet" };
const flags = new Set(["push", "load", "pull", "no-cache", "quiet", "rm", "force-rm", "all-tags"]);

/** Reads the commands of a script; undefined when it builds nothing. Loops and conditions are "others". */
export function readShellScript(script: string): ShellScript | undefined {
  if (!/\bdocker\s+(?:buildx\s+|image\s+)?build\b/.test(script)) return undefined;
  const builds: ShellBuild[] = [];
  const tags: [string, string][] = [];
  const pushes: string[] = [];
  const others: string[] = [];
  for (const command of commandsOf(script)) {
    const words = wordsOf(command);
    const text = words.join(" ");
    const isDocker = words[0] === "docker";
    const verb = isDocker ? words.slice(1).filter((word) => word !== "buildx" && word !== "image") : [];
    if (verb[0] === "build") builds.push(parseBuild(verb.slice(1)));
    else if (verb[0] === "tag" && verb.length === 3) tags.push([verb[1] ?? "", verb[2] ?? ""]);
    else if (verb[0] === "push") pushes.push(...verb.slice(1).filter((word) => !word.startsWith("-")));
    else if (!/^(?:echo\b(?!.*\|)|set\s|docker (?:login|logout|images|info|version)\b)/.test(text) && !isLogin(command))
      others.push(command);
  }
  return { builds, tags, pushes, others };
}

/** `echo … | docker login …`. */
function isLogin(command: string): boolean {
  return /\|\s*docker login\b/.test(command) || /^\s*docker login\b/.test(command);
}

function parseBuild(words: readonly string[]): ShellBuild {
  const options = new Map<string, string[]>();
  let context = ".";
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("-") || word === "-") {
      context = word;
      continue;
    }
    const [, dashes = "", rest = ""] = /^(--?)(.*)$/s.exec(word) ?? [];
    const equals = rest.indexOf("=");
    const written = equals < 0 ? rest : rest.slice(0, equals);
    const name = dashes === "-" ? (short[written] ?? written) : written;
    if (flags.has(name)) {
      options.set(name, [equals < 0 ? "true" : rest.slice(equals + 1)]);
      continue;
    }
    if (equals < 0) index += 1;
    const value = equals < 0 ? (words[index] ?? "") : rest.slice(equals + 1);
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return { options, context };
}

/** Cuts a script at line ends, `;`, `&&`; continued lines are one, and quotes and substitutions hold together. */
function commandsOf(script: string): string[] {
  const text = script.replaceAll(/\\\n\s*/g, " ");
  const commands: string[] = [];
  let current = "";
  let quote = "";
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? "";
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "(" || char === "{") depth += 1;
    else if (char === ")" || char === "}") depth -= 1;
    const isEnd = quote === "" && depth === 0 && (char === "\n" || char === ";" || text.startsWith("&&", index));
    if (!isEnd) {
      current += char;
      continue;
    }
    commands.push(current);
    current = "";
    if (char === "&") index += 1;
  }
  commands.push(current);
  return commands.map((command) => command.trim()).filter((command) => command !== "" && !command.startsWith("#"));
}

/** Cuts a command at blanks, as a shell does; expressions and substitutions hold together, quotes are taken off. */
function wordsOf(command: string): string[] {
  const spans = new Map(findSpans(command, shellSpans).map((span) => [span.start, span]));
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < command.length; at += 1) {
    const character = command.charAt(at);
    const span = quote === "'" ? undefined : spans.get(at);
    if (span !== undefined) {
      word = (word ?? "") + command.slice(at, span.end);
      at = span.end - 1;
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'")) {
      quote = character;
      word ??= "";
    } else if (quote !== "" || /\S/.test(character)) {
      const isEscape = character === "\\" && quote === '"';
      word = (word ?? "") + command.slice(at, at + (isEscape ? 2 : 1));
      if (isEscape) at += 1;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

const shellSpans: readonly Delimiters[] = [expressionDelimiters, ["$(", ")"], ["${", "}"]];
