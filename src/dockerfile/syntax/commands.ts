import type { ArgPair, Command, Mount } from "./dockerfile.ts";
import { parseHeredocStart } from "../stages/expand.ts";
import type { InstructionText } from "./lines.ts";
import { excerpt } from "../../model/excerpt.ts";
import { didYouMean } from "../../model/closest.ts";
import { splitCsv } from "../../formats/csv-fields.ts";
import { parseJsonForm, splitBlanks, splitLine, splitQuoted } from "./words.ts";

/** A fault in an instruction. The caller adds the file and the position of the instruction. */
export class InstructionError extends Error {
  override readonly name = "InstructionError";
}

type FlagType = "value" | "values" | "boolean";

const noFlags: Readonly<Record<string, FlagType>> = {};

/** Flags of each instruction, those of newer frontends included. */
const flagsOf: Readonly<Record<string, Readonly<Record<string, FlagType>>>> = {
  ADD: {
    chown: "value",
    chmod: "value",
    link: "boolean",
    "keep-git-dir": "boolean",
    checksum: "value",
    unpack: "boolean",
    exclude: "values",
  },
  ARG: noFlags,
  CMD: noFlags,
  COPY: {
    chown: "value",
    chmod: "value",
    from: "value",
    link: "boolean",
    parents: "boolean",
    exclude: "values",
  },
  ENTRYPOINT: noFlags,
  ENV: noFlags,
  EXPOSE: noFlags,
  FROM: { platform: "value" },
  HEALTHCHECK: {
    interval: "value",
    timeout: "value",
    "start-period": "value",
    "start-interval": "value",
    retries: "value",
  },
  LABEL: noFlags,
  MAINTAINER: noFlags,
  ONBUILD: noFlags,
  RUN: { mount: "values", network: "value", security: "value", device: "values" },
  SHELL: noFlags,
  STOPSIGNAL: noFlags,
  USER: noFlags,
  VOLUME: noFlags,
  WORKDIR: noFlags,
};

/** The parts of a `FROM`. */
export interface FromLine {
  readonly base: string;
  readonly name: string | undefined;
  readonly platform: string | undefined;
  readonly text: string;
}

/**
 * Parses a `FROM`.
 * @throws InstructionError
 */
export function parseFrom(instruction: InstructionText): FromLine {
  const flags = parseFlags("FROM", instruction.flags);
  const [base, as, name, ...more] = splitBlanks(instruction.args);
  if (base === undefined) throw new InstructionError("FROM needs an image or a stage");
  const text = renderText("FROM", instruction);
  const platform = flags.get("platform")?.at(-1);
  if (as === undefined) return { base, name: undefined, platform, text };
  if (as.toLowerCase() !== "as" || name === undefined || more.length > 0) {
    throw new InstructionError(`"FROM ${excerpt(instruction.args)}" must be "FROM image" or "FROM image AS name"`);
  }
  const lower = name.toLowerCase();
  if (!/^[a-z][a-z0-9\-_.]*$/.test(lower)) {
    throw new InstructionError(
      `"${name}" is no stage name: it begins with a letter and holds letters, digits, "-", "_", "."`,
    );
  }
  return { base, name: lower, platform, text };
}

/**
 * Parses any instruction except `FROM`.
 * @throws InstructionError
 */
export function parseCommand(instruction: InstructionText, escape: string): Command {
  const keyword = instruction.keyword.toUpperCase();
  const { line, column } = instruction;
  const placed = { text: renderText(keyword, instruction), line, column };
  const flags = parseFlags(keyword, instruction.flags);
  switch (keyword) {
    case "ARG":
      return { ...placed, kind: "arg", pairs: parseArgPairs(instruction.args, escape) };
    case "ENV":
      return { ...placed, kind: "env", pairs: parsePairs(keyword, instruction.args, escape) };
    case "LABEL":
      parsePairs(keyword, instruction.args, escape);
      return { ...placed, kind: "other" };
    case "ADD":
    case "COPY":
      return {
        ...placed,
        kind: "copy",
        instruction: keyword,
        sources: parseSources(keyword, instruction.args),
        from: flags.get("from")?.at(-1) || undefined,
        exclude: flags.get("exclude") ?? [],
        parents: isTrue(flags.get("parents")),
        checksum: flags.get("checksum")?.at(-1) || undefined,
      };
    case "RUN":
      refuseMixedJson(instruction.args);
      return { ...placed, kind: "run", mounts: (flags.get("mount") ?? []).map(parseMount) };
    case "ONBUILD":
      return { ...placed, kind: "onbuild", trigger: parseTrigger(instruction, escape) };
    default:
      if (instruction.args === "" && instruction.flags.length === 0 && keyword !== "CMD" && keyword !== "ENTRYPOINT") {
        throw new InstructionError(`${keyword} needs an argument`);
      }
      return { ...placed, kind: "other" };
  }
}

/**
 * Checks that a keyword is an instruction.
 * @throws InstructionError
 */
export function checkKeyword(keyword: string): void {
  if (Object.hasOwn(flagsOf, keyword.toUpperCase())) return;
  const near = didYouMean(keyword.toUpperCase(), Object.keys(flagsOf));
  throw new InstructionError(`"${keyword}" is no Dockerfile instruction${near}`);
}

/**
 * Renders an instruction so that different instructions never have the same text: arguments that begin with `--` follow a `--`, and
 * here-documents are on separate lines.
 */
function renderText(keyword: string, instruction: InstructionText): string {
  const { args, heredocs } = instruction;
  const parts = [keyword, ...instruction.flags.map(renderFlag), ...(args.startsWith("--") ? ["--"] : []), args];
  const bodies = heredocs.map(({ name, content }) => `<<${name}: ${JSON.stringify(content)}`);
  return [parts.filter((part) => part !== "").join(" "), ...bodies].join("\n");
}

function renderFlag(flag: string): string {
  const equals = flag.indexOf("=");
  return /[\s"']/.test(flag) && equals >= 0 ? flag.slice(0, equals + 1) + JSON.stringify(flag.slice(equals + 1)) : flag;
}

function parseFlags(keyword: string, flags: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const known = flagsOf[keyword] ?? noFlags;
  const found = new Map<string, string[]>();
  if (keyword === "ARG") return found;
  for (const flag of flags) {
    const equals = flag.indexOf("=");
    const name = flag.slice(2, equals < 0 ? undefined : equals);
    const value = equals < 0 ? undefined : flag.slice(equals + 1);
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    if (type === undefined) {
      throw new InstructionError(`${keyword} has no flag "--${name}"${didYouMean(name, Object.keys(known))}`);
    }
    const values = found.get(name) ?? [];
    if (values.length > 0 && type !== "values") throw new InstructionError(`"--${name}" is given twice`);
    if (value === undefined && type !== "boolean")
      throw new InstructionError(`"--${name}" needs a value: "--${name}=…"`);
    if (type === "boolean" && !/^(?:true|false)?$/i.test(value ?? "")) {
      throw new InstructionError(`"--${name}=${value ?? ""}" must be true or false`);
    }
    values.push(value ?? "true");
    found.set(name, values);
  }
  return found;
}

function isTrue(values: readonly string[] | undefined): boolean {
  return values?.at(-1)?.toLowerCase() === "true";
}

/** Parses the pairs of an `ARG`. Values keep their quotes, which expansion removes. */
export function parseArgPairs(args: string, escape: string): readonly ArgPair[] {
  const words = splitQuoted(args, escape);
  if (words.length === 0) throw new InstructionError("ARG needs a name");
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals === 0) throw new InstructionError(`"${excerpt(word)}" has no name before "="`);
    return equals < 0
      ? { name: word, value: undefined }
      : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

function parsePairs(keyword: string, args: string, escape: string): readonly (readonly [string, string])[] {
  const words = splitQuoted(args, escape);
  const [first] = words;
  if (first === undefined) throw new InstructionError(`${keyword} needs a name and a value`);
  if (!first.includes("=")) {
    const blank = /[\t\v\f\r ]+/.exec(args);
    if (blank === null) {
      throw new InstructionError(`"${keyword} ${excerpt(args)}" needs a value: "${keyword} ${excerpt(args)}=…"`);
    }
    return [[args.slice(0, blank.index), args.slice(blank.index + blank[0].length)]];
  }
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0) throw new InstructionError(`"${excerpt(word)}" has no "=": ${keyword} takes name=value`);
    if (equals === 0) throw new InstructionError(`"${excerpt(word)}" has no name before "="`);
    return [word.slice(0, equals), word.slice(equals + 1)] as const;
  });
}

function parseSources(keyword: string, args: string): readonly string[] {
  const json = parseJsonForm(args);
  if (json?.kind === "other") throw new InstructionError(`the JSON form of ${keyword} takes strings only`);
  const words = json?.strings ?? splitBlanks(args);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2)
    throw new InstructionError(`${keyword} needs a source and a destination`);
  if (parseHeredocStart(destination) !== undefined) {
    throw new InstructionError(`${keyword} has the here-document "${destination}" where its destination should be`);
  }
  return words.slice(0, -1).filter((word) => parseHeredocStart(word) === undefined);
}

function refuseMixedJson(args: string): void {
  if (parseJsonForm(args)?.kind === "other") throw new InstructionError("the JSON form of RUN takes strings only");
}

function parseMount(text: string): Mount {
  const fields = splitCsv(text);
  if (fields === undefined) throw new InstructionError(`"--mount=${text}" is not a list of key=value`);
  const pairs = fields.map((field) => {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    return [key, equals < 0 ? undefined : field.slice(equals + 1)] as const;
  });
  const from = pairs.findLast(([key]) => key === "from")?.[1];
  const dollar = from?.indexOf("$") ?? -1;
  if (from !== undefined && dollar >= 0 && dollar < from.length - 1) {
    throw new InstructionError(`"from=${from}" cannot hold a variable: name a stage "FROM ${from} AS …" and use that`);
  }
  return { from: from === "" ? undefined : from, fields: pairs };
}

function parseTrigger(instruction: InstructionText, escape: string): string {
  const inner = splitLine(instruction.args, escape);
  const keyword = inner.keyword.toUpperCase();
  if (keyword === "") throw new InstructionError("ONBUILD needs an instruction");
  checkKeyword(keyword);
  if (keyword === "ONBUILD" || keyword === "FROM" || keyword === "MAINTAINER") {
    throw new InstructionError(`${keyword} cannot follow ONBUILD`);
  }
  const bodies = instruction.heredocs.map(({ name, content }) => `\n${content}${name}`);
  return [instruction.text.replace(/^ONBUILD[\t\n\f\r ]*/i, ""), ...bodies].join("");
}
