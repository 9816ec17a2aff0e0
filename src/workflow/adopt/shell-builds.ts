import { addAll, addTo } from "../../model/lists.ts";
import { type ShellText, shellText } from "../../shell/expand-word.ts";
import { followScript } from "../../shell/follow-script.ts";
import { parseScript } from "../../shell/parse-script.ts";

/** `docker build` in a script, with its arguments. */
export interface ShellBuild {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly context: string;
  /** Working folder of the command, relative to the repository's root. */
  readonly folder: string;
}

/** Variables and working folder of a script. */
export interface ScriptStartPoint {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Builds of a script, and its other commands. */
export interface ShellScript {
  readonly builds: readonly ShellBuild[];
  /** Pairs of references from `docker tag`. */
  readonly tags: readonly (readonly [from: string, to: string])[];
  readonly pushes: readonly string[];
  readonly others: readonly string[];
}

const short: Readonly<Record<string, string>> = { t: "tag", f: "file", o: "output", q: "quiet" };
const flags = new Set(["push", "load", "pull", "no-cache", "quiet", "rm", "force-rm", "all-tags"]);

/** Reads the commands of a script; undefined: it builds nothing. Commands under an unknown condition are among `others`. */
export function readShellScript(
  script: string,
  around: ScriptStartPoint = { env: {}, folder: "." },
): ShellScript | undefined {
  if (!/\bdocker\s+(?:buildx\s+|image\s+)?build\b/.test(script)) return undefined;
  const builds: ShellBuild[] = [];
  const tags: [string, string][] = [];
  const pushes: string[] = [];
  const others: string[] = [];
  for (const { words, conditions, writes, isSubstituted, folder, start, end } of commandsOf(script, around)) {
    const texts = withoutSudo(words.map(({ text }) => text));
    const [program, ...rest] = texts;
    const verb = program === "docker" ? rest.filter((word) => word !== "buildx" && word !== "image") : [];
    if (isForShow(texts, writes) || (isSubstituted && program !== "docker")) continue;
    if (conditions.length > 0) others.push(script.slice(start, end));
    else if (verb[0] === "build") builds.push({ ...parseBuild(verb.slice(1)), folder: folder.text });
    else if (verb[0] === "tag" && verb.length === 3) tags.push([verb[1] ?? "", verb[2] ?? ""]);
    else if (verb[0] === "push")
      addAll(
        pushes,
        verb.slice(1).filter((word) => !word.startsWith("-")),
      );
    else others.push(script.slice(start, end));
  }
  return { builds, tags, pushes, others };
}

/** Whether a script does nothing but push and tag images that are there. */
export function pushesOnly(script: string): boolean {
  if (!/\bdocker\s+(?:image\s+)?push\b/.test(script)) return false;
  return commandsOf(script, { env: {}, folder: "." }).every(({ words, writes, conditions }) => {
    const [program, verb, second] = withoutSudo(words.map(({ text }) => text));
    if (isForShow([program ?? "", verb ?? ""], writes)) return true;
    const does = verb === "image" ? second : verb;
    return conditions.length === 0 && program === "docker" && (does === "push" || does === "tag");
  });
}

function withoutSudo(words: readonly string[]): readonly string[] {
  const [first = "", ...rest] = words;
  if (first !== "sudo") return words;
  const command = rest.findIndex((word) => !word.startsWith("-"));
  return command < 0 ? words : rest.slice(command);
}

function commandsOf(script: string, { env, folder: start }: ScriptStartPoint): ReturnType<typeof followScript> {
  const variables = new Map(Object.entries(env).map(([name, value]) => [name, withExpressions(value)]));
  const evaluate = (_: string, raw: string): ShellText => ({ text: raw, unknown: [raw] });
  const folder = shellText(start);
  return followScript(parseScript(script), script, { variables, args: undefined, folder, evaluate });
}

/** Converts a variable; if its text contains expressions, which GitHub fills in later, it is unknown. */
function withExpressions(text: string): ShellText {
  return { text, unknown: text.includes("${{") ? [text] : [] };
}

/** Whether a command only prints or queries Docker. */
function isForShow([program, verb]: readonly string[], writes: readonly ShellText[]): boolean {
  if (program === "docker") return ["logout", "images", "info", "version"].includes(verb ?? "");
  return program === "set" || (program === "echo" && writes.length === 0);
}

function parseBuild(words: readonly string[]): Omit<ShellBuild, "folder"> {
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
    addTo(options, name, value);
  }
  return { options, context };
}
