import { yamlText, type YamlMap, type YamlValue } from "../../formats/yaml-data.ts";
import { expressionDelimiters, findSpans, replaceSpans } from "../../formats/spans.ts";

/** Known values of a workflow's contexts. */
export interface Contexts {
  readonly env: Readonly<Record<string, string>>;
  readonly matrix: Readonly<Record<string, string>>;
  /** `owner/name`; undefined where the repository is not on GitHub. */
  readonly repository: string | undefined;
}

/** Fills in known expressions; others stay, with one space inside their braces. */
export function fillIn(text: string, contexts: Contexts): string {
  return replaceSpans(
    text,
    [expressionDelimiters],
    (inside) => valueOf(inside.trim(), contexts) ?? `\${{ ${inside.trim()} }}`,
  );
}

/** The expressions that are left in a text. */
export function expressionsIn(text: string): string[] {
  return findSpans(text, [expressionDelimiters]).map(({ inside }) => inside.trim());
}

function valueOf(inner: string, { env, matrix, repository }: Contexts): string | undefined {
  const literal = /^'((?:[^']|'')*)'$/.exec(inner)?.[1];
  if (literal !== undefined) return literal.replaceAll("''", "'");
  const [, context, name = ""] = /^(env|matrix)\.([\w.-]+)$/.exec(inner) ?? [];
  if (context === "env") return env[name];
  // GitHub takes an absent value of a matrix row for empty.
  if (context === "matrix") return matrix[name] ?? (Object.keys(matrix).length === 0 ? undefined : "");
  const lower = /^(?:toLower|lower)\((.*)\)$/i.exec(inner)?.[1];
  if (lower !== undefined) return valueOf(lower.trim(), { env, matrix, repository })?.toLowerCase();
  const [owner, name_] = repository?.split("/") ?? [];
  const known: Readonly<Record<string, string | undefined>> = {
    "github.repository": repository,
    "github.repository_owner": owner,
    "github.event.repository.name": name_,
  };
  return known[inner];
}

/** Variables with a value of their own; expressions among them are filled in. */
export function textValues(map: YamlMap, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value === null || value === undefined || typeof value === "object"
        ? []
        : [[key, fillIn(yamlText(value), contexts)]],
    ),
  );
}

/** Values by name, of one job that a matrix makes. */
export type MatrixRow = Readonly<Record<string, string>>;

/** GitHub runs no more jobs of one matrix. Source: GitHub's "Running variations of jobs in a workflow". */
const mostRows = 256;
/** Some are taken away again by `exclude`. */
const mostCombinations = 1024;

/** Every combination of a job's matrix, or what it is that cannot be known or run. Source: GitHub's "strategy.matrix". */
export function matrixOf(strategy: YamlMap): readonly MatrixRow[] | "made while it runs" | "of more than 256 jobs" {
  const matrix = strategy["matrix"];
  if (matrix === undefined || matrix === null) return [{}];
  if (typeof matrix !== "object" || Array.isArray(matrix)) return "made while it runs";
  const { include, exclude, ...axes } = matrix as YamlMap;
  let rows: Record<string, string>[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) return "made while it runs";
    if (rows.length * values.length > mostCombinations) return "of more than 256 jobs";
    rows = rows.flatMap((row) => values.map((value: YamlValue) => ({ ...row, ...flat(axis, value) })));
  }
  const excluded = entriesOf(exclude);
  const included = entriesOf(include);
  if (excluded === undefined || included === undefined) return "made while it runs";
  rows = rows.filter(
    (row) => !excluded.some((each) => Object.entries(each).every(([key, value]) => row[key] === value)),
  );
  if (rows.length > mostRows || included.length > mostRows) return "of more than 256 jobs";
  const names = new Set(Object.keys(axes));
  const isEmpty = names.size === 0;
  if (isEmpty) rows = [];
  for (const extra of included) {
    const fits = rows.filter((row) =>
      Object.entries(extra).every(([key, value]) => !names.has(key) || row[key] === value),
    );
    if (fits.length === 0 || isEmpty) rows.push(extra);
    else for (const row of fits) Object.assign(row, extra);
  }
  return rows;
}

function entriesOf(value: YamlValue | undefined): Record<string, string>[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  return value.map((each: YamlValue) =>
    typeof each === "object" && each !== null
      ? Object.assign({}, ...Object.entries(each).map(([key, inner]) => flat(key, inner)))
      : {},
  );
}

/** `matrix.target.name` of `target: { name: … }`. */
function flat(key: string, value: YamlValue | undefined): Record<string, string> {
  if (value === undefined || value === null) return { [key]: "" };
  if (typeof value !== "object") return { [key]: yamlText(value) };
  return Object.assign({}, ...Object.entries(value).map(([inner, each]) => flat(`${key}.${inner}`, each as YamlValue)));
}
