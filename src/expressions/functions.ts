import { addAll } from "../model/lists.ts";
import { areEqual } from "./compare.ts";
import {
  unknownReasons,
  type Evaluated,
  fold,
  knownText,
  makeBoolean,
  makeText,
  makeValue,
  nothing,
  type TextPart,
  textPartsOf,
  unknown,
  type Unknown,
} from "./evaluated.ts";
import { parseJson } from "../formats/json.ts";
import { fromData, renderToJson } from "./json-values.ts";

/** Status of the run so far, for `success()` and similar functions. */
export interface RunStatus {
  readonly success: Evaluated;
  readonly failure: Evaluated;
  readonly cancelled: Evaluated;
}

/** Status of a run without failure or cancellation. */
export const successfulRun: RunStatus = {
  success: makeValue(true),
  failure: makeValue(false),
  cancelled: makeValue(false),
};

/** Calls one of GitHub's functions; `name` is in lower case. Source: GitHub's "Evaluate expressions". */
export function callFunction(name: string, args: readonly Evaluated[], status: RunStatus): Evaluated {
  const [first = nothing, second = nothing] = args;
  switch (name) {
    case "always":
      return makeValue(true);
    case "success":
      return status.success;
    case "failure":
      return status.failure;
    case "cancelled":
      return status.cancelled;
    case "contains":
      return makeBoolean(contains(first, second));
    case "startswith":
      return makeBoolean(hasAffix(first, second, "start"));
    case "endswith":
      return makeBoolean(hasAffix(first, second, "end"));
    case "format":
      return format(first, args.slice(1));
    case "join":
      return join(first, args[1]);
    case "tojson":
      return renderToJson(first);
    case "fromjson":
      return fromJson(first);
    case "hashfiles":
      return makeText([{ because: [`hashFiles(${args.map((each) => quoted(each)).join(", ")})`] }]);
    case "case":
      return chosen(args);
    default:
      return unknown(`the function ${name}`);
  }
}

function quoted(value: Evaluated): string {
  return `'${knownText(value) ?? "…"}'`;
}

function contains(search: Evaluated, item: Evaluated): boolean | Unknown {
  if (search.kind === "array") {
    const found = search.items.map((each) => areEqual(each, item));
    if (found.includes(true)) return true;
    return found.every((each) => each === false) ? false : openBoolean(search, item);
  }
  if (search.kind === "object") return false;
  if (search.kind === "unknown") return openBoolean(search, item);
  if (item.kind === "array" || item.kind === "object") return false;
  const wanted = knownText(item);
  if (wanted === undefined) return openBoolean(search, item);
  const isInPart = textPartsOf(search).some((part) => typeof part === "string" && fold(part).includes(fold(wanted)));
  return isInPart || search.kind === "value" ? isInPart : openBoolean(search, item);
}

function hasAffix(text: Evaluated, affix: Evaluated, end: "start" | "end"): boolean | Unknown {
  const isObject = ({ kind }: Evaluated): boolean => kind === "array" || kind === "object";
  if (isObject(text) || isObject(affix)) return false;
  const known = affixOf(text, end);
  const wanted = affixOf(affix, end);
  const has = (whole: string, part: string): boolean =>
    end === "start" ? whole.startsWith(part) : whole.endsWith(part);
  const length = Math.min(known.text.length, wanted.text.length);
  const cut = (whole: string): string =>
    end === "start" ? whole.slice(0, length) : whole.slice(whole.length - length);
  const isOpen = text.kind === "unknown" || affix.kind === "unknown";
  if (!isOpen && cut(known.text) !== cut(wanted.text)) return false;
  if (!isOpen && wanted.isWhole && has(known.text, wanted.text)) return true;
  if (known.isWhole && wanted.isWhole) return has(known.text, wanted.text);
  // A fully known text that is shorter than the known part of the affix cannot have it.
  if (!isOpen && known.isWhole && known.text.length < wanted.text.length) return false;
  return openBoolean(text, affix);
}

/** Returns the known characters at one end of a text, folded, and whether they are the whole text. */
function affixOf(value: Evaluated, end: "start" | "end"): { text: string; isWhole: boolean } {
  const parts = textPartsOf(value);
  const part = parts.at(end === "start" ? 0 : -1);
  return { text: typeof part === "string" ? fold(part) : "", isWhole: parts.length === 1 && typeof part === "string" };
}

function openBoolean(...values: readonly Evaluated[]): Unknown {
  return unknown(unknownReasons(...values), { isBoolean: true });
}

/** Fills a template of `format`: `{0}` is the first argument; `{{` and `}}` are braces. */
function format(template: Evaluated, args: readonly Evaluated[]): Evaluated {
  const text = knownText(template);
  if (text === undefined) return makeText([{ because: unknownReasons(template, ...args) }]);
  const parts: TextPart[] = [];
  const token = /\{\{|\}\}|\{(\d+)\}|[{}]/g;
  let from = 0;
  for (const found of text.matchAll(token)) {
    parts.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[0] === "{{" || found[0] === "}}") {
      parts.push(found[0].charAt(0));
      continue;
    }
    const arg = found[1] === undefined ? undefined : args[Number(found[1])];
    if (arg === undefined) return unknown(`format('${text}'): ${found[0]} stands for no argument`);
    addAll(parts, textPartsOf(arg));
  }
  parts.push(text.slice(from));
  return makeText(parts);
}

function join(list: Evaluated, given: Evaluated | undefined): Evaluated {
  if (list.kind === "object") return makeValue("");
  if (list.kind === "unknown") return makeText([{ because: unknownReasons(list, given ?? nothing) }]);
  if (list.kind !== "array") return makeText(textPartsOf(list));
  const isDefault = given === undefined || given.kind === "array" || given.kind === "object";
  const separator = isDefault ? [","] : textPartsOf(given);
  return makeText(list.items.flatMap((each, index) => [...(index === 0 ? [] : separator), ...textPartsOf(each)]));
}

function fromJson(value: Evaluated): Evaluated {
  if (value.kind === "text" && value.json !== undefined) return value.json;
  const text = knownText(value);
  if (text === undefined) return unknown(unknownReasons(value));
  const data = parseJson(text);
  if (data === undefined) return unknown(`fromJSON of "${text.slice(0, 60)}", which is not JSON`);
  return fromData(data) ?? unknown("fromJSON of data that is nested deeper than 100 levels");
}

/** Evaluates `case(condition, value, …, otherwise)`. */
function chosen(args: readonly Evaluated[]): Evaluated {
  for (let index = 0; index + 1 < args.length; index += 2) {
    const [condition = nothing, value = nothing] = args.slice(index, index + 2);
    if (condition.kind === "unknown" || condition.kind === "text") return unknown(unknownReasons(...args));
    if (condition.kind !== "value" || typeof condition.value !== "boolean") {
      return unknown("case with a condition that is neither true nor false");
    }
    if (condition.value) return value;
  }
  return args.at(-1) ?? nothing;
}
