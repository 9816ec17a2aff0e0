import { asMap, type YamlValue } from "../../formats/yaml-data.ts";
import type { StepPath } from "./step-change.ts";

/** Returns the value at a path of keys and indices; undefined: there is none. */
export function valueAt(value: YamlValue | undefined, path: StepPath): YamlValue | undefined {
  return path.reduce<YamlValue | undefined>(
    (within, key) =>
      Array.isArray(within) ? (within as readonly YamlValue[])[Number(key)] : asMap(within)[String(key)],
    value,
  );
}

/** Returns the value with that at the path replaced: a list's item by any number of others, a map's member by the first. */
export function withValue(value: YamlValue | undefined, path: StepPath, replaced: readonly YamlValue[]): YamlValue {
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    const list = value as readonly YamlValue[];
    return list.flatMap((each, index) =>
      index !== key ? [each] : rest.length === 0 ? [...replaced] : [withValue(each, rest, replaced)],
    );
  }
  const map = asMap(value);
  const [first] = replaced;
  return { ...map, [String(key)]: rest.length === 0 ? first : withValue(map[String(key)], rest, replaced) };
}
