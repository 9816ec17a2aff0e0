import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type JsonObject, asObject } from "./message.ts";

/** GitHub's own description of its API, to hold answers against. */
export interface ApiDescription {
  /** Parts of an answer that the description does not allow; `undescribed`: the API has no such endpoint. */
  faultsOf(answer: {
    readonly method: string;
    /** Without `/api/v3`, without a query. */
    readonly path: string;
    readonly status: number;
    /** Parsed; undefined when there is none. */
    readonly body: unknown;
  }): readonly string[] | "undescribed";
}

const formats: Readonly<Record<string, RegExp>> = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: /^https?:\/\/\S+$/,
};

/** Reads the OpenAPI 3.0 document that `ensureOpenApi` brings. */
export function readDescription(file: string): ApiDescription {
  const document = asObject(JSON.parse(readFileSync(file, "utf8"))) ?? {};
  const paths = asObject(document["paths"]) ?? {};
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateSchema: false });
  for (const [name, pattern] of Object.entries(formats)) ajv.addFormat(name, pattern);
  ajv.addSchema(document, "github");
  const compiled = new Map<string, ValidateFunction>();
  const validatorAt = (pointer: string): ValidateFunction => {
    const there = compiled.get(pointer) ?? ajv.compile({ $ref: `github#${pointer}` });
    compiled.set(pointer, there);
    return there;
  };
  return {
    faultsOf({ method, path, status, body }) {
      const operation = method.toLowerCase();
      const template = templateOf(
        Object.keys(paths).filter((each) => at(paths, [each, operation]) !== undefined),
        path,
      );
      if (template === undefined) return "undescribed";
      const pointer = schemaPointer(document, ["paths", template, operation, "responses", String(status)], status);
      if (pointer === undefined) return [`${status} is no answer of ${method} ${template}`];
      if (pointer === "none") return body === undefined ? [] : [`a body, where ${status} has none`];
      const validate = validatorAt(pointer);
      return validate(body) ? [] : (validate.errors ?? []).map(renderError);
    },
  };
}

/** Of the paths that fit, the one that says most in words. */
function templateOf(templates: readonly string[], path: string): string | undefined {
  const given = path.split("/");
  const fitting = templates.filter((template) => {
    const parts = template.split("/");
    return parts.length === given.length && parts.every((part, index) => part.startsWith("{") || part === given[index]);
  });
  const names = (template: string): number => template.split("{").length;
  return fitting.sort((a, b) => names(a) - names(b))[0];
}

/** Where the schema of a response is; refusals that an endpoint does not list look as all of them do. */
function schemaPointer(document: JsonObject, response: readonly string[], status: number): string | undefined {
  const found = asObject(at(document, response));
  if (found === undefined) return status >= 400 ? "/components/schemas/basic-error" : undefined;
  const reference = found["$ref"];
  const place = typeof reference === "string" ? reference.replace(/^#\//, "").split("/") : response;
  const content = asObject(at(document, [...place, "content"]));
  if (content === undefined) return "none";
  const path = [...place, "content", "application/json", "schema"];
  return at(document, path) === undefined ? undefined : `/${path.map(escapePointer).join("/")}`;
}

function at(document: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => asObject(value)?.[name], document);
}

/** RFC 6901, inside a URI's fragment. */
function escapePointer(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function renderError({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath === "" ? "/" : instancePath} ${message} ${JSON.stringify(params)}`;
}
