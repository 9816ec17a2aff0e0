import type { Scalar } from "./expression.ts";
import { renderNumber } from "./numbers.ts";

/**
 * What is known of a value: the whole, a part, or nothing.
 * A text may have unknown parts, a list unknown items, an object unknown members; each unknown names what it hangs on.
 */
export type Evaluated = Known | PartText | List | Dictionary | Unknown;

/** A scalar that is known. */
export interface Known {
  readonly kind: "value";
  readonly value: Scalar;
}

/** A text with at least one unknown part. Known parts stand apart and are not empty. */
export interface PartText {
  readonly kind: "text";
  readonly parts: readonly TextPart[];
  /** What `fromJSON` makes of it, where that is known better than the text. */
  readonly json?: Evaluated;
}

/** Known characters, or a part that is not known. */
export type TextPart = string | OpenPart;

export interface OpenPart {
  readonly because: readonly string[];
  /** It is this text, or empty; without it, it is any text. */
  readonly maybe?: readonly TextPart[];
}

export interface List {
  readonly kind: "array";
  readonly items: readonly Evaluated[];
  /** Made by `*`: a member of it is the list of its items' members. */
  readonly isFiltered?: true;
}

export interface Dictionary {
  readonly kind: "object";
  /** By folded name. */
  readonly members: ReadonlyMap<string, Member>;
  /** Names the object whose other members are unknown (`vars`: `vars.NAME`); undefined: there are no others. */
  readonly rest: string | undefined;
}

export interface Member {
  readonly name: string;
  readonly value: Evaluated;
}

/** Any value, in the bounds that are known of it. */
export interface Unknown {
  readonly kind: "unknown";
  /** Names it hangs on (`vars.NAME`), or why GitHub would refuse it. */
  readonly because: readonly string[];
  /** What it counts for in a condition, where that is known though the value is not. */
  readonly truth?: boolean;
  /** It is true or false, and nothing else. */
  readonly isBoolean?: true;
}

/** Texts get no longer and lists of parts no longer than this; what would be is unknown. GitHub ends an evaluation that takes more memory. */
const mostCharacters = 1 << 20;
const mostParts = 1000;

export const nothing: Known = { kind: "value", value: null };
const yes: Known = { kind: "value", value: true };
const no: Known = { kind: "value", value: false };

export function makeValue(value: Scalar): Known {
  return { kind: "value", value };
}

export function makeBoolean(value: boolean | Unknown): Known | Unknown {
  return typeof value === "boolean" ? (value ? yes : no) : value;
}

/** A value that hangs on what is named. */
export function unknown(
  because: string | readonly string[],
  bounds: Pick<Unknown, "truth" | "isBoolean"> = {},
): Unknown {
  return { kind: "unknown", because: typeof because === "string" ? [because] : because, ...bounds };
}

export function makeList(items: readonly Evaluated[]): List {
  return { kind: "array", items };
}

/** An object of these members; with `rest`, others are unknown and named below it. */
export function makeObject(
  members: Readonly<Record<string, Evaluated | undefined>> | Iterable<readonly [string, Evaluated | undefined]>,
  rest?: string,
): Dictionary {
  const entries = Symbol.iterator in members ? [...members] : Object.entries(members);
  const made = new Map<string, Member>();
  for (const [name, value] of entries) if (value !== undefined) made.set(fold(name), { name, value });
  return { kind: "object", members: made, rest };
}

/** A text of known and unknown parts; a value where all are known. */
export function makeText(parts: readonly TextPart[]): Known | PartText {
  const joined: TextPart[] = [];
  let length = 0;
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string") {
      length += part.length;
      if (part === "") continue;
      if (typeof last === "string") joined[joined.length - 1] = last + part;
      else joined.push(part);
    } else joined.push(part);
  }
  if (length > mostCharacters || joined.length > mostParts) {
    const because = [`a text of more than ${mostCharacters} characters or ${mostParts} parts`];
    return { kind: "text", parts: [{ because }] };
  }
  const [first = ""] = joined;
  return joined.length <= 1 && typeof first === "string" ? makeValue(first) : { kind: "text", parts: joined };
}

/** The names that a value hangs on; empty when it is known as a whole. */
export function becauseOf(...values: readonly Evaluated[]): string[] {
  const names = new Set<string>();
  const add = (value: Evaluated): void => {
    switch (value.kind) {
      case "value":
        return;
      case "text":
        for (const part of value.parts) if (typeof part !== "string") part.because.forEach((each) => names.add(each));
        return;
      case "array":
        value.items.forEach(add);
        return;
      case "object":
        if (value.rest !== undefined) names.add(value.rest);
        for (const member of value.members.values()) add(member.value);
        return;
      case "unknown":
        value.because.forEach((each) => names.add(each));
    }
  };
  values.forEach(add);
  return [...names];
}

/** What a value counts for in a condition; undefined: unknown. Source: GitHub's runner, `EvaluationResult.IsFalsy`. */
export function truthOf(value: Evaluated): boolean | undefined {
  switch (value.kind) {
    case "value":
      return typeof value.value === "number"
        ? value.value !== 0 && !Number.isNaN(value.value)
        : value.value !== null && value.value !== false && value.value !== "";
    case "text":
      return value.parts.some((part) => typeof part === "string") ? true : undefined;
    case "array":
    case "object":
      return true;
    case "unknown":
      return value.truth;
  }
}

/** The value as text, in its parts. Source: GitHub's runner, `EvaluationResult.ConvertToString`. */
export function textPartsOf(value: Evaluated): readonly TextPart[] {
  switch (value.kind) {
    case "value":
      return [textOfScalar(value.value)];
    case "text":
      return value.parts;
    case "array":
      return ["Array"];
    case "object":
      return ["Object"];
    case "unknown":
      return [{ because: value.because }];
  }
}

/** The value as text; unknown as a whole it is a text with one unknown part. */
export function asTextValue(value: Evaluated): Known | PartText {
  return makeText(textPartsOf(value));
}

/** The value as text where all of it is known, else undefined. */
export function knownText(value: Evaluated): string | undefined {
  const text = asTextValue(value);
  return text.kind === "value" ? textOfScalar(text.value) : undefined;
}

/**
 * The text for people: unknown parts are named as `‹name›`, and one that is there or not as `‹text if name›`.
 * What separates items of a list stands there as it is.
 */
export function renderText(value: Evaluated): string {
  return renderParts(textPartsOf(value));
}

function renderParts(parts: readonly TextPart[]): string {
  return parts.map((part) => (typeof part === "string" ? part : renderOpenPart(part))).join("");
}

function renderOpenPart({ because, maybe }: OpenPart): string {
  const text = maybe === undefined ? "" : renderParts(maybe);
  if (maybe !== undefined && /^[\s,;|]*$/.test(text)) return text;
  return `‹${maybe === undefined ? "" : `${text} if `}${because.join(", ")}›`;
}

function textOfScalar(value: Scalar): string {
  if (value === null) return "";
  return typeof value === "number" ? renderNumber(value) : String(value);
}

/**
 * A text such that two that differ in case only are the same.
 * As in .NET's ordinal comparison, one character becomes one, and `ı` stays.
 */
export function fold(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text.toUpperCase() : Array.from(text, foldCharacter).join("");
}

function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  return character === "ı" || upper.length !== character.length ? character : upper;
}
