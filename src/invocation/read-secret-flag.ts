import { splitCsvPairs } from "../formats/csv-fields.ts";
import type { BuildSecret } from "../model/service.ts";

/**
 * Reads one `--secret`. Without an explicit source, it is the variable named like the id if that is set, else the file of that name. Source: buildx,
 * util/buildflags/secrets.go.
 */
export function readSecretFlag(
  written: string,
  env: Readonly<Record<string, string | undefined>>,
  refuse: (written: string, because: string) => void,
): BuildSecret[] {
  const { id = "", type, src, source = src, env: variable } = Object.fromEntries(splitCsvPairs(written) ?? []);
  if (id === "") {
    // The flag is not quoted in the message, because it may contain the secret's value.
    refuse("--secret", "it is not a list of KEY=VALUE with an id");
    return [];
  }
  const name = variable ?? (type === "env" ? source : undefined);
  if (name !== undefined) return [{ id, from: { kind: "env", name } }];
  if (source !== undefined) return [{ id, from: { kind: "file", path: source } }];
  return [{ id, from: env[id] === undefined ? { kind: "file", path: id } : { kind: "env", name: id } }];
}
