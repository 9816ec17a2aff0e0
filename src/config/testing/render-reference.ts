import { stringify } from "yaml";
import * as z from "zod";
import { isMap } from "../written/cursor.ts";
import { writtenConfig } from "../written/written.ts";
import { discoveryProse, introduction } from "./reference-prose.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Renders the JSON Schema of slipway.yaml for editors, which docs/reference contains. */
export function renderSchema(): string {
  return `${JSON.stringify(makeSchema(), undefined, 2)}\n`;
}

function makeSchema(): Schema {
  return z.toJSONSchema(writtenConfig, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      const { fallback, description } = jsonSchema;
      delete jsonSchema["fallback"];
      if (typeof fallback === "string") jsonSchema.description = `${description ?? ""} Default: ${fallback}.`;
    },
  });
}

interface Key {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly fallback: string;
  readonly example: string;
}

/** Renders the reference page of slipway.yaml. */
export function renderReference(): string {
  const top = keysOf(makeSchema());
  const entry = alternatives(propertyOf(makeSchema(), "services")["additionalProperties"]).find(
    (each) => each["properties"],
  );
  const ofService = keysOf(entry ?? {});
  const shared = ofService.filter(({ name }) => top.some((key) => key.name === name));
  const onlyTop = top.filter(({ name }) => !shared.some((key) => key.name === name));
  const onlyService = ofService.filter(({ name }) => !shared.some((key) => key.name === name));
  return [
    introduction,
    "## Keys of the file\n",
    ...onlyTop.map(renderKey),
    "## Keys of one service\n",
    "Under `services.<name>`.\n",
    ...onlyService.map(renderKey),
    "## Settings of all services and of one\n",
    "At the top level for all services, under `services.<name>` for one.\n",
    ...shared.map(renderKey),
    discoveryProse,
  ].join("\n");
}

function renderKey({ name, type, description, fallback, example }: Key): string {
  return `### \`${name}\`\n\n${description}\n\n- Type: ${type}\n- Default: ${fallback}\n\n\`\`\`yaml\n${example}\`\`\`\n`;
}

function keysOf(schema: Schema): Key[] {
  const properties = schema["properties"];
  if (!isMap(properties)) return [];
  return Object.keys(properties).map((name) => {
    const property = propertyOf(schema, name);
    const examples: readonly unknown[] = Array.isArray(property["examples"]) ? property["examples"] : [];
    const [description = "", fallback = ""] = String(property["description"]).split(/ Default: (.*)\.$/s);
    const example = examples.map((value) => stringify({ [name]: value }, { lineWidth: 100 })).join("# or\n");
    return { name, type: typeOf(property), description, fallback, example };
  });
}

function propertyOf(schema: Schema, name: string): Schema {
  const properties = schema["properties"];
  const property = isMap(properties) ? properties[name] : undefined;
  return isMap(property) ? property : {};
}

function alternatives(schema: unknown): Schema[] {
  if (!isMap(schema)) return [];
  const all: readonly unknown[] = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : [schema];
  return all.filter(isMap);
}

function typeOf(schema: Schema): string {
  if (Array.isArray(schema["anyOf"])) return [...new Set(alternatives(schema).map(typeOf))].join(", or ");
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value) => `\`${String(value)}\``).join(", ");
  switch (schema["type"]) {
    case "array":
      return `a list of ${isMap(schema["items"]) ? typeOf(schema["items"]) : "values"}`;
    case "object": {
      const values = schema["additionalProperties"];
      const keys = isMap(schema["properties"]) ? Object.keys(schema["properties"]) : [];
      if (keys.length > 6) return "a map of settings";
      if (keys.length > 0) return `a map with ${keys.map((key) => `\`${key}\``).join(", ")}`;
      return `a map of names to ${isMap(values) ? `(${typeOf(values)})` : "values"}`;
    }
    case "null":
      return "nothing";
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    default:
      return "number";
  }
}
