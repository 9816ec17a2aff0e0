import type { Comparison, Scalar } from "./expression.ts";
import { unknownReasons, type Evaluated, fold, type TextPart, unknown, type Unknown } from "./evaluated.ts";
import { readNumber } from "./numbers.ts";

/** Compares two values as GitHub does: texts without case, values of different types as numbers. Source: GitHub's runner, `EvaluationResult`. */
export function compareValues(operator: Comparison, left: Evaluated, right: Evaluated): boolean | Unknown {
  switch (operator) {
    case "==":
      return areEqual(left, right);
    case "!=":
      return negated(areEqual(left, right));
    case "<":
      return isLess(left, right);
    case ">":
      return isLess(right, left);
    case "<=":
      return either(areEqual(left, right), isLess(left, right));
    case ">=":
      return either(areEqual(left, right), isLess(right, left));
  }
}

/** Whether two values are equal; undefined: unknown. Lists and objects are equal only to themselves. */
export function areEqual(left: Evaluated, right: Evaluated): boolean | Unknown {
  if (left.kind === "unknown" || right.kind === "unknown") return open(left, right);
  const isObject = ({ kind }: Evaluated): boolean => kind === "array" || kind === "object";
  // GitHub compares objects by identity, and each call makes a new object. Identity is not tracked here, so the result is unknown.
  if (isObject(left) && isObject(right))
    return left === right || (left.kind === right.kind ? open(left, right) : false);
  if (isObject(left) || isObject(right)) return false;
  if (left.kind === "value" && right.kind === "value") return equalScalars(left.value, right.value);
  const [text, other] = left.kind === "text" ? [left, right] : [right, left];
  const isTextPair = text.kind === "text" && other.kind === "value" && typeof other.value === "string";
  if (isTextPair && !canBe(text.parts, other.value)) return false;
  return open(left, right);
}

/** Whether a text with unknown parts can be equal to this text, ignoring case. */
function canBe(parts: readonly TextPart[], text: string): boolean {
  const whole = fold(text);
  const pieces = parts.map((part) => (typeof part === "string" ? fold(part) : undefined));
  const first = pieces.at(0) ?? "";
  const last = pieces.at(-1) ?? "";
  if (!whole.startsWith(first) || !whole.endsWith(last)) return false;
  let from = first.length;
  const end = whole.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    if (piece === undefined) continue;
    const at = whole.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return from <= end;
}

function equalScalars(left: Scalar, right: Scalar): boolean {
  if (typeof left === "string" && typeof right === "string") return fold(left) === fold(right);
  if (typeof left === typeof right) return left === right;
  return numberOf(left) === numberOf(right);
}

function isLess(left: Evaluated, right: Evaluated): boolean | Unknown {
  const isObject = ({ kind }: Evaluated): boolean => kind === "array" || kind === "object";
  if (isObject(left) || isObject(right)) return false;
  if (left.kind !== "value" || right.kind !== "value") return open(left, right);
  const [a, b] = [left.value, right.value];
  if (typeof a === "string" && typeof b === "string") return fold(a) < fold(b);
  return numberOf(a) < numberOf(b);
}

/** Converts a scalar to a number. Source: GitHub's runner, `EvaluationResult.ConvertToNumber`. */
function numberOf(value: Scalar): number {
  return typeof value === "string" ? readNumber(value) : Number(value);
}

/** Converts a value to a number; undefined: unknown. Lists and objects become NaN. */
export function knownNumber(value: Evaluated): number | undefined {
  if (value.kind === "value") return numberOf(value.value);
  return value.kind === "array" || value.kind === "object" ? NaN : undefined;
}

function open(...values: readonly Evaluated[]): Unknown {
  const because = unknownReasons(...values);
  return unknown(because.length > 0 ? because : "whether two lists or objects are the same one", { isBoolean: true });
}

export function negated(truth: boolean | Unknown): boolean | Unknown {
  if (typeof truth === "boolean") return !truth;
  return truth.truth === undefined ? unknown(truth.because, { isBoolean: true }) : !truth.truth;
}

function either(left: boolean | Unknown, right: boolean | Unknown): boolean | Unknown {
  if (left === true || right === true) return true;
  if (left === false) return right;
  return right === false ? left : unknown([...new Set([...left.because, ...right.because])], { isBoolean: true });
}
