import type { BuildSecret } from "../../model/service.ts";
import type { WrittenSettings } from "./written.ts";

export type WrittenSecret = NonNullable<WrittenSettings["secrets"]>[number];

/** Reads a secret of slipway.yaml; undefined: it has no id. */
export function readSecret(written: WrittenSecret): BuildSecret | undefined {
  if (typeof written === "string") return parseSecret(written);
  return "env" in written
    ? { id: written.id, from: { kind: "env", name: written.env } }
    : { id: written.id, from: { kind: "file", path: written.file } };
}

/** Parses `id=NAME,env=VARIABLE` or `id=NAME,src=FILE`. Without either, the variable has the secret's name, as in buildx. */
function parseSecret(text: string): BuildSecret | undefined {
  const fields = new Map(text.split(",").map((field) => [field.split("=", 1)[0], field.slice(field.indexOf("=") + 1)]));
  const path = fields.get("src") ?? fields.get("source");
  const id = fields.get("id");
  if (id === undefined || id === "") return undefined;
  if (path !== undefined && fields.get("type") === "env") return { id, from: { kind: "env", name: path } };
  if (path !== undefined) return { id, from: { kind: "file", path } };
  return { id, from: { kind: "env", name: fields.get("env") ?? id } };
}
