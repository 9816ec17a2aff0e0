import { asFields } from "../formats/json.ts";
import type { YamlValue } from "../formats/yaml-data.ts";
import {
  type Evaluated,
  makeList,
  makeObject,
  makeText,
  makeValue,
  nothing,
  type TextPart,
  textPartsOf,
} from "./evaluated.ts";

/** Limit of nesting, because these functions call themselves; deeper data is unknown. */
const mostLevels = 100;

/** Converts data to a known value; undefined: it is nested too deep, or is not data of JSON. Absent members are left out. */
export function fromData(data: unknown, level = 0): Evaluated | undefined {
  if (data === null) return nothing;
  if (typeof data === "string" || typeof data === "number" || typeof data === "boolean") return makeValue(data);
  if (level >= mostLevels) return undefined;
  if (Array.isArray(data)) {
    const items = data.map((each: unknown) => fromData(each, level + 1));
    return items.every((each) => each !== undefined) ? makeList(items) : undefined;
  }
  const fields = asFields(data);
  if (fields === undefined) return undefined;
  const members: [string, Evaluated][] = [];
  for (const [name, each] of Object.entries(fields)) {
    if (each === undefined) continue;
    const value = fromData(each, level + 1);
    if (value === undefined) return undefined;
    members.push([name, value]);
  }
  return makeObject(members);
}

/** Converts a value to data; undefined: a part of it is unknown. */
export function toData(value: Evaluated): YamlValue | undefined {
  switch (value.kind) {
    case "value":
      return value.value;
    case "array": {
      const items = value.items.map(toData);
      return items.every((each) => each !== undefined) ? items : undefined;
    }
    case "object": {
      if (value.rest !== undefined) return undefined;
      const members = [...value.members.values()].map(({ name, value: each }) => [name, toData(each)] as const);
      return members.every(([, each]) => each !== undefined) ? Object.fromEntries(members) : undefined;
    }
    case "text":
    case "unknown":
      return undefined;
  }
}

/** Renders a value as `toJSON` does, with two spaces for each level. Unknown parts stay unknown parts of the text. */
export function renderToJson(value: Evaluated): Evaluated {
  const text = makeText(jsonParts(value, "\n"));
  return text.kind === "text" ? { ...text, json: value } : text;
}

function jsonParts(value: Evaluated, line: string): TextPart[] {
  switch (value.kind) {
    case "value":
      return [JSON.stringify(value.value) ?? "null"];
    case "text":
      return [
        '"',
        ...value.parts.map((part) => (typeof part === "string" ? JSON.stringify(part).slice(1, -1) : part)),
        '"',
      ];
    case "unknown":
      return [...textPartsOf(value)];
    case "array":
      return enclosed(
        ["[", "]"],
        value.items.map((each) => jsonParts(each, `${line}  `)),
        line,
      );
    case "object": {
      const members = [...value.members.values()].map(({ name, value: each }): TextPart[] => [
        `${JSON.stringify(name)}: `,
        ...jsonParts(each, `${line}  `),
      ]);
      const rest: TextPart[][] = value.rest === undefined ? [] : [[{ because: [value.rest] }]];
      return enclosed(["{", "}"], [...members, ...rest], line);
    }
  }
}

function enclosed([open, close]: readonly [string, string], parts: readonly TextPart[][], line: string): TextPart[] {
  if (parts.length === 0) return [open + close];
  return [open, ...parts.flatMap((each, index) => [`${index === 0 ? "" : ","}${line}  `, ...each]), `${line}${close}`];
}
