import { didYouMean } from "../../model/closest.ts";

const types = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;

const switches: ReadonlySet<string> = new Set(["readonly", "ro", "readwrite", "rw", "required"]);

const keys: ReadonlySet<string> = new Set([
  ...switches,
  "type",
  "from",
  "source",
  "src",
  "target",
  "dst",
  "destination",
  "id",
  "sharing",
  "size",
  "mode",
  "uid",
  "gid",
  "env",
]);

/** The fault in the fields of a `--mount`; undefined: there is none. */
export function checkMount(fields: ReadonlyMap<string, string>): string | undefined {
  for (const key of fields.keys()) {
    if (!keys.has(key)) return `"${key}" is no option of --mount${didYouMean(key, keys)}`;
  }
  const type = fields.get("type")?.toLowerCase();
  if (type === undefined || types.some((known) => known === type)) return undefined;
  return `"type=${type}" is no kind of mount${didYouMean(type, types)}: they are ${types.join(", ")}`;
}
