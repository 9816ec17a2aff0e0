import { type Evaluated, makeText, renderText, textPartsOf } from "../../expressions/evaluated.ts";
import { type ShellText, shellText } from "../../shell/expand-word.ts";
import { followScript } from "../../shell/follow-script.ts";
import type { RunCommand } from "../../shell/script-state.ts";
import { parseScript } from "../../shell/parse-script.ts";
import { asShellText, fromShellText } from "./shell-values.ts";

/** Outputs and variables that a step's script writes for later steps, as far as it can be followed. */
export interface ScriptOutputs {
  /** Outputs by name; a value that is written under a condition is unknown. */
  readonly outputs: ReadonlyMap<string, Evaluated>;
  readonly env: ReadonlyMap<string, Evaluated>;
  /** Whether the script writes to GITHUB_ENV in a way that is not followed. */
  readonly changesUnknownEnv: boolean;
}

/** Values that a script sees. */
export interface ScriptSurroundings {
  readonly env: ReadonlyMap<string, Evaluated>;
  readonly fill: (text: string) => Evaluated;
}

const files = { output: "$GITHUB_OUTPUT", env: "$GITHUB_ENV" } as const;

/** Follows a shell script, and collects the values that it writes to GITHUB_OUTPUT and GITHUB_ENV. */
export function readScriptOutputs(script: string, { env, fill }: ScriptSurroundings): ScriptOutputs {
  const mentions = (name: string): boolean => script.includes(name);
  if (!mentions("GITHUB_OUTPUT") && !mentions("GITHUB_ENV") && !mentions("::set-output")) return nothingHandedOn;
  const variables = new Map([...env].map(([name, value]) => [name, asShellText(value)]));
  variables.set("GITHUB_OUTPUT", shellText(files.output)).set("GITHUB_ENV", shellText(files.env));
  const commands = followScript(parseScript(script), script, {
    variables,
    args: [],
    folder: shellText("."),
    evaluate: (inside) => asShellText(fill(`\${{${inside}}}`)),
  });
  const outputs = new Map<string, Evaluated>();
  const made = new Map<string, Evaluated>();
  const isFollowed = readFile(commands, files.env, made);
  readFile(commands, files.output, outputs);
  for (const command of commands) readOldCommand(command, outputs);
  return { outputs, env: made, changesUnknownEnv: mentions("GITHUB_ENV") && !isFollowed };
}

const nothingHandedOn: ScriptOutputs = { outputs: new Map(), env: new Map(), changesUnknownEnv: false };

/** Reads the lines that commands append to a file. Returns whether there are some, and all could be read. */
function readFile(commands: readonly RunCommand[], file: string, values: Map<string, Evaluated>): boolean {
  let isRead = false;
  let block: { name: string; mark: string; lines: Evaluated[]; conditions: readonly string[] } | undefined;
  for (const command of commands) {
    if (!command.writes.some(({ text }) => text === file)) continue;
    const lines = linesOf(command);
    if (lines === undefined) return false;
    isRead = true;
    for (const line of lines) {
      const text = renderText(fromShellText(line));
      if (block !== undefined) {
        if (text.trim() === block.mark) {
          set(values, block.name, joined(block.lines), block.conditions);
          block = undefined;
        } else block.lines.push(fromShellText(line));
        continue;
      }
      const [, name, mark] = /^([\w-]+)<<(.+)$/.exec(text) ?? [];
      const [, plain] = /^([\w-]+)=/.exec(text) ?? [];
      if (name !== undefined && mark !== undefined) block = { name, mark, lines: [], conditions: command.conditions };
      else if (plain !== undefined) set(values, plain, valueAfter(line, plain.length + 1), command.conditions);
      else if (text.trim() !== "") return false;
    }
  }
  return isRead && block === undefined;
}

function joined(lines: readonly Evaluated[]): Evaluated {
  return makeText(lines.flatMap((line, index) => [...(index === 0 ? [] : ["\n"]), ...textPartsOf(line)]));
}

function valueAfter({ text, unknown: names }: ShellText, length: number): Evaluated {
  return fromShellText({ text: text.slice(length), unknown: names });
}

/** Sets a value. A value that is written under conditions becomes unknown; its reasons are these conditions and those of the value before. */
function set(values: Map<string, Evaluated>, name: string, value: Evaluated, conditions: readonly string[]): void {
  const before = values.get(name);
  if (conditions.length === 0) values.set(name, value);
  else
    values.set(
      name,
      makeText([{ because: [...new Set([...conditions, ...(before?.kind === "text" ? namesOf(before) : [])])] }]),
    );
}

function namesOf(value: Evaluated): string[] {
  return textPartsOf(value).flatMap((part) => (typeof part === "string" ? [] : [...part.because]));
}

/** Returns the lines that `echo`, `printf` or a here-document prints; undefined: another command. */
function linesOf({ words, input }: RunCommand): ShellText[] | undefined {
  const [name, ...args] = words;
  if (name?.text === "cat" && args.length === 0 && input !== undefined)
    return linesIn(shellText(input.replace(/\n$/, "")));
  if (name?.text === "printf") {
    const [format, ...values] = args;
    // `printf 'a=%s\n' "$b"`
    const pieces = format?.text.split("%s") ?? [];
    if (format === undefined || /%[^s%]/.test(format.text) || pieces.length !== values.length + 1) return undefined;
    const text = pieces.map((piece, index) => `${unescaped(piece)}${values[index]?.text ?? ""}`).join("");
    return linesIn({
      text: text.replace(/\n$/, ""),
      unknown: [...format.unknown, ...values.flatMap((each) => each.unknown)],
    });
  }
  if (name?.text !== "echo") return undefined;
  const flags = args.findIndex(({ text }) => !/^-[neE]+$/.test(text));
  const own = flags < 0 ? [] : args.slice(flags);
  const isEscaped = args.slice(0, Math.max(flags, 0)).some(({ text }) => text.includes("e"));
  const text = own.map((each) => each.text).join(" ");
  return linesIn({ text: isEscaped ? unescaped(text) : text, unknown: own.flatMap((each) => each.unknown) });
}

function unescaped(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
}

function linesIn({ text, unknown: names }: ShellText): ShellText[] {
  return text.split("\n").map((line) => ({ text: line, unknown: names.filter((name) => line.includes(name)) }));
}

/** Reads `echo "::set-output name=a::b"`, the older form of an output, which GitHub still accepts. */
function readOldCommand(command: RunCommand, outputs: Map<string, Evaluated>): void {
  if (command.writes.length > 0 || command.words[0]?.text !== "echo") return;
  for (const line of linesOf(command) ?? []) {
    const [whole, name] = /^::set-output name=([\w-]+)::/.exec(line.text) ?? [];
    if (whole !== undefined && name !== undefined)
      set(outputs, name, valueAfter(line, whole.length), command.conditions);
  }
}
