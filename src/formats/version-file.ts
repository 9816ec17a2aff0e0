import { parseVersion } from "./semver.ts";

/** Version in a file, its absence, or the fault. */
export type FileVersion =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "none" }
  | { readonly kind: "fault"; readonly message: string };

/** Reads the version of `package.json`, `VERSION`, `Cargo.toml` or `pyproject.toml`; the end of the path tells which form the file has. */
export function readFileVersion(path: string, text: string): FileVersion {
  const name = path.slice(path.lastIndexOf("/") + 1);
  switch (name) {
    case "package.json":
      return fromJson(text);
    case "Cargo.toml":
      return fromToml(text, ["package", "workspace.package"]);
    case "pyproject.toml":
      return fromToml(text, ["project", "tool.poetry"]);
    default:
      return checked(text.trim());
  }
}

function fromJson(text: string): FileVersion {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "fault", message: `it is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof value !== "object" || value === null || !("version" in value)) return { kind: "none" };
  const { version } = value;
  return typeof version === "string"
    ? checked(version)
    : { kind: "fault", message: `"version" is ${JSON.stringify(version)}, no text` };
}

/** Returns the version of the first of these tables that has its own. */
function fromToml(text: string, tables: readonly string[]): FileVersion {
  const found = tomlVersions(text);
  const table = tables.find((name) => found.has(name));
  return table === undefined ? { kind: "none" } : checked(found.get(table) ?? "");
}

const tableLine = /^\s*\[([^[\]]+)\]\s*(?:#.*)?$/;
const otherTable = /^\s*\[\[/;
const versionLine = /^\s*version\s*=\s*(?:"([^"\\]*)"|'([^']*)')\s*(?:#.*)?$/;

/** Reads `version = "…"` by table. Inherited and dynamic versions (`version.workspace = true`) do not count. */
function tomlVersions(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let table = "";
  for (const line of text.split(/\r?\n/)) {
    const heading = tableLine.exec(line);
    if (heading !== null) table = (heading[1] ?? "").replaceAll(/\s/g, "");
    else if (otherTable.test(line)) table = "";
    const version = versionLine.exec(line);
    if (version !== null && !found.has(table)) found.set(table, version[1] ?? version[2] ?? "");
  }
  return found;
}

function checked(text: string): FileVersion {
  if (text === "") return { kind: "none" };
  const version = parseVersion(text.replace(/^v(?=\d)/, ""));
  return version === undefined
    ? { kind: "fault", message: `${JSON.stringify(text.slice(0, 60))} is no semantic version such as 1.2.0` }
    : { kind: "version", version: version.text };
}
