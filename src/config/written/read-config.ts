import * as z from "zod";
import { didYouMean } from "../../model/closest.ts";
import { addFault, type Faults } from "./place.ts";
import { writtenConfig, type WrittenConfig } from "./written.ts";
import { type Path, parseYamlFile, type YamlFile } from "./yaml-file.ts";

/** slipway.yaml as written, with places. */
export interface ConfigFile {
  readonly config: WrittenConfig;
  readonly yaml: YamlFile;
}

/** Reads slipway.yaml. Invalid parts become faults and are left out, so that the rest is checked too. */
export function readConfig(file: string, text: string, faults: Faults): ConfigFile | undefined {
  const yaml = parseYamlFile(file, text, faults);
  if (yaml === undefined) return undefined;
  let value: unknown = yaml.value ?? {};
  for (let round = 0; round < 50; round += 1) {
    // The schema is used once, so compiling it would cost more.
    const result = writtenConfig.safeParse(value, { jitless: true });
    if (result.success) return { config: result.data, yaml };
    const problems = result.error.issues.flatMap((issue) => problemsOf(issue, []));
    // Later rounds only find consequences of parts that were left out.
    if (round === 0)
      for (const each of reportable(problems, value)) addFault(faults, yaml.place(each.path, each.part), each.message);
    for (const { path } of problems) value = without(value, isThere(value, path) ? path : path.slice(0, -1));
  }
  return { config: {}, yaml };
}

/** Reports a missing key only if no unknown key beside it may be a misspelling of it. */
function reportable(problems: readonly Problem[], value: unknown): Problem[] {
  const parentsOfUnknown = new Set(
    problems.filter(({ part }) => part === "key").map(({ path }) => JSON.stringify(path.slice(0, -1))),
  );
  return problems.flatMap((problem) => {
    if (isThere(value, problem.path)) return [problem];
    const parent = problem.path.slice(0, -1);
    if (parentsOfUnknown.has(JSON.stringify(parent))) return [];
    return [{ path: parent, part: "value", message: `"${problem.path.at(-1) ?? ""}" is missing` }];
  });
}

function isThere(value: unknown, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
  return isThere(Object.entries(value).find(([name]) => name === String(key))?.[1], rest);
}

interface Problem {
  readonly path: Path;
  readonly part: "key" | "value";
  readonly message: string;
}

function problemsOf(issue: z.core.$ZodIssue, outer: Path): Problem[] {
  const path = [...outer, ...issue.path.map((key) => (typeof key === "symbol" ? String(key) : key))];
  const named = path.length === 0 ? "" : `"${path.filter((key) => typeof key === "string").at(-1) ?? ""}" `;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(writtenConfig, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        part: "key",
        message: `unknown key "${key}"${didYouMean(key, known)}`,
      }));
    }
    case "invalid_union": {
      const inner = bestBranch(issue.errors);
      if (inner !== undefined) return inner.flatMap((each) => problemsOf(each, path));
      return [{ path, part: "value", message: `${named}${issue.message}` }];
    }
    case "invalid_key":
      return [{ path, part: "key", message: `${named}${issue.message}` }];
    case "custom":
      return [{ path, part: "value", message: issue.message }];
    default:
      return [{ path, part: "value", message: `${named}${issue.message}` }];
  }
}

/** The branch of a union that the user meant: it fits on the outside and not inside. */
function bestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const fitting = branches.filter((issues) =>
    issues.every(
      (issue) => issue.path.length > 0 || !["invalid_type", "invalid_value", "invalid_union"].includes(issue.code),
    ),
  );
  return fitting.toSorted((left, right) => score(left) - score(right))[0];
}

/** Missing keys are weaker evidence than unknown ones. */
function score(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? 2 * issue.keys.length : 1), 0);
}

function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  let schemas: z.core.$ZodType[] = alternatives(schema);
  for (const key of path) {
    schemas = schemas.flatMap((each) => {
      if (each instanceof z.ZodObject) return alternatives(each.shape[String(key)]);
      if (each instanceof z.ZodRecord) return alternatives(each.valueType);
      if (each instanceof z.ZodArray) return alternatives(each.element);
      return [];
    });
  }
  return schemas.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
}

function alternatives(schema: unknown): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional) return alternatives(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return schema instanceof z.ZodType ? [schema] : [];
}

/** A copy without the value at the path. */
function without(value: unknown, path: Path): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return {};
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.length === 1 ? undefined : value.filter((_, index) => index !== key);
    return value.map((each: unknown, index) => (index === key ? without(each, rest) : each));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => rest.length > 0 || name !== String(key));
  return Object.fromEntries(entries.map(([name, each]) => [name, name === String(key) ? without(each, rest) : each]));
}
