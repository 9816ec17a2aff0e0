import type { Scalar } from "./expression.ts";
import { renderNumber } from "./numbers.ts";

/**
 * Value of an expression as far as it is known: as a whole, in part, or not at all. A text may have unknown parts, a list unknown items, an object
 * unknown members. Each unknown names its reasons.
 */
export type Evaluated = Known | PartText | List | Dictionary | Unknown;

/** Known scalar. */
export interface Known {
  readonly kind: "value";
  readonly value: Scalar;
}

/** Text with at least one unknown part. Known parts are not empty, and never stand side by side. */
export interface PartText {
  readonly kind: "text";
  readonly parts: readonly TextPart[];
  /** Result of `fromJSON` for this text, if it is known more exactly than the text. */
  readonly json?: Evaluated;
}

/** Known characters, or an unknown part. */
export type TextPart = string | OpenPart;

export interface OpenPart {
  readonly because: readonly string[];
  /** Text that the part has unless it is empty; undefined: the part may be any text. */
  readonly maybe?: readonly TextPart[];
}

export interface List {
  readonly kind: "array";
  readonly items: readonly Evaluated[];
  /** Whether `*` made the list: a member of it is the list of its items' members. */
  readonly isFiltered?: true;
}

export interface Dictionary {
  readonly kind: "object";
  /** Members by folded name. */
  readonly members: ReadonlyMap<string, Member>;
  /** Name of the object for unknown members (`vars` for `vars.NAME`); undefined: there are no other members. */
  readonly rest: string | undefined;
}

export interface Member {
  readonly name: string;
  readonly value: Evaluated;
}

/** Unknown value, with the limits that are known. */
export interface Unknown {
  readonly kind: "unknown";
  /** Names of the unknown values that decide it (`vars.NAME`), or the reason why GitHub would refuse it. */
  readonly because: readonly string[];
  /** Truth of the value in a condition, if that is known although the value is not. */
  readonly truth?: boolean;
  /** Whether the value is true or false, and nothing else. */
  readonly isBoolean?: true;
}

/** Limits of a text's length and of its parts; a longer text is unknown. GitHub ends an evaluation that takes too much memory. */
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

/** Makes an unknown value with its reasons. */
export function unknown(
  because: string | readonly string[],
  bounds: Pick<Unknown, "truth" | "isBoolean"> = {},
): Unknown {
  return { kind: "unknown", because: typeof because === "string" ? [because] : because, ...bounds };
}

export function makeList(items: readonly Evaluated[]): List {
  return { kind: "array", items };
}

/** Makes an object of these members. With `rest`, other members exist; they are unknown, and named `rest.NAME`. */
export function makeObject(
  members: Readonly<Record<string, Evaluated | undefined>> | Iterable<readonly [string, Evaluated | undefined]>,
  rest?: string,
): Dictionary {
  const entries = Symbol.iterator in members ? [...members] : Object.entries(members);
  const made = new Map<string, Member>();
  for (const [name, value] of entries) if (value !== undefined) made.set(fold(name), { name, value });
  return { kind: "object", members: made, rest };
}

/** Makes a text of known and unknown parts; if all are known, a known value. */
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

/** Returns the reasons why values are unknown; empty: they are known as a whole. */
export function unknownReasons(...values: readonly Evaluated[]): string[] {
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

/** Converts a value to a boolean, as a condition does; undefined: unknown. Source: GitHub's runner, `EvaluationResult.IsFalsy`. */
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

/** Converts a value to text, in known and unknown parts. Source: GitHub's runner, `EvaluationResult.ConvertToString`. */
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

/** Converts a value to text; a value that is unknown as a whole becomes a text with one unknown part. */
export function asTextValue(value: Evaluated): Known | PartText {
  return makeText(textPartsOf(value));
}

/** Returns a value as text; undefined: a part of it is unknown. */
export function knownText(value: Evaluated): string | undefined {
  const text = asTextValue(value);
  return text.kind === "value" ? textOfScalar(text.value) : undefined;
}

/**
 * Renders a text for people: an unknown part as `‹name›`, and a part that may be empty as `‹text if name›`. A separator that may be empty is rendered
 * as it is.
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
 * Folds the case of a text, so that texts which differ only in case become equal. As in .NET's ordinal comparison, each character becomes one
 * character, and `ı` stays.
 */
export function fold(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text.toUpperCase() : Array.from(text, foldCharacter).join("");
}

function foldCharacter(character: string): string {
  const upper = character.toUpperCase();
  return character === "ı" || upper.length !== character.length ? character : upper;
}
