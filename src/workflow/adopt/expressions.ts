import {
  type Dictionary,
  type Evaluated,
  makeObject,
  makeText,
  makeValue,
  textPartsOf,
} from "../../expressions/evaluated.ts";
import { fromData, toData } from "../../expressions/json-values.ts";
import { evaluateText, templateParts } from "../../expressions/template.ts";
import { type YamlMap, yamlText } from "../../formats/yaml-data.ts";
import { expandMatrix } from "../events/expand-matrix.ts";

/** Known values of a workflow's contexts. */
export interface Contexts {
  readonly env: Readonly<Record<string, string>>;
  readonly matrix: MatrixRow;
  /** Name of the repository, `owner/name`; undefined: it is not on GitHub. */
  readonly repository: string | undefined;
}

/** Fills in known expressions; others stay, with one space inside their braces. */
export function fillIn(text: string, contexts: Contexts): string {
  const scope = { contexts: contextsOf(contexts) };
  return templateParts(text)
    .map((part) => {
      if (part.kind === "plain") return part.text;
      return writtenText(evaluateText(part.text, scope)) ?? `\${{ ${part.text.trim()} }}`;
    })
    .join("");
}

/** Returns a value as text in which expressions of variables stay as written; undefined: another part is unknown. */
function writtenText(value: Evaluated): string | undefined {
  // A value that an expression computed from such a variable is not the variable's text.
  if (value.kind === "unknown") return undefined;
  const parts = textPartsOf(value).map((part) => {
    if (typeof part === "string") return part;
    const [only, ...others] = part.because;
    return others.length === 0 && only?.startsWith("${{") === true ? only : undefined;
  });
  return parts.includes(undefined) ? undefined : parts.join("");
}

function contextsOf({ env, matrix, repository }: Contexts): ReadonlyMap<string, Evaluated> {
  const [owner, name] = repository?.split("/") ?? [];
  const known = (text: string | undefined): Evaluated | undefined => (text === undefined ? undefined : makeValue(text));
  const event = makeObject(
    { repository: makeObject({ name: known(name) }, "github.event.repository") },
    "github.event",
  );
  const github = { repository: known(repository), repository_owner: known(owner), event };
  return new Map([
    [
      "env",
      makeObject(
        Object.entries(env).map(([key, text]) => [key, asWritten(text)] as const),
        "env",
      ),
    ],
    ["matrix", matrixContext(matrix)],
    ["github", makeObject(github, "github")],
  ]);
}

/** Converts the text of a variable; expressions in it are unknown. */
function asWritten(text: string): Evaluated {
  return makeText(
    templateParts(text).map((part) =>
      part.kind === "plain" ? part.text : { because: [`\${{ ${part.text.trim()} }}`] },
    ),
  );
}

/** Makes the `matrix` context. GitHub treats an absent value of a row as empty. */
function matrixContext(row: MatrixRow): Evaluated {
  const entries = Object.entries(row);
  if (entries.length === 0) return makeObject({}, "matrix");
  return nested(entries.map(([path, text]) => [path.split("."), text] as const));
}

function nested(entries: readonly (readonly [path: readonly string[], text: string])[]): Evaluated {
  const names = [...new Set(entries.map(([[name = ""]]) => name))];
  return makeObject(
    names.map((name) => {
      const own = entries.filter(([[first]]) => first === name);
      const leaf = own.find(([path]) => path.length === 1);
      return [name, leaf === undefined ? nested(own.map(([path, text]) => [path.slice(1), text])) : makeValue(leaf[1])];
    }),
  );
}

/** Returns the expressions that are left in a text. */
export function expressionsIn(text: string): string[] {
  return templateParts(text).flatMap((part) => (part.kind === "expression" ? [part.text.trim()] : []));
}

/** Returns the variables with known values; expressions in them are filled in. */
export function textValues(map: YamlMap, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value === null || value === undefined || typeof value === "object"
        ? []
        : [[key, fillIn(yamlText(value), contexts)]],
    ),
  );
}

/** Values of one matrix job by name; `target.name` for `target: { name: … }`. */
export type MatrixRow = Readonly<Record<string, string>>;

/** Returns every combination of a matrix as written, or the reason why it is unknown or cannot run. */
export function matrixOf(strategy: YamlMap): readonly MatrixRow[] | "made while it runs" | "of more than 256 jobs" {
  const matrix = fromData(strategy["matrix"] ?? null);
  if (matrix === undefined) return "made while it runs";
  const found = expandMatrix(matrix);
  switch (found.kind) {
    case "rows":
      return found.rows.map((row) => flat(row));
    case "unknown":
      return "made while it runs";
    case "too many":
      return "of more than 256 jobs";
  }
}

function flat(row: Dictionary, prefix = ""): MatrixRow {
  const texts = [...row.members.values()].map(({ name, value }): MatrixRow => {
    const path = `${prefix}${name}`;
    return value.kind === "object" ? flat(value, `${path}.`) : { [path]: yamlText(toData(value)) };
  });
  return Object.fromEntries(texts.flatMap((each) => Object.entries(each)));
}
