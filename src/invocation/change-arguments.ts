import { splitCsv } from "../formats/csv-fields.ts";
import { type BuildFlag, buildFlagForms } from "./build-flags.ts";
import { splitArguments } from "./split-flags.ts";

/** What becomes of the paths of a build's arguments. */
export interface PathRewrite {
  /** Folders and files that the build is made from: the context, the Dockerfile, named contexts. */
  readonly source: (path: string) => string;
  /** Every other path of this machine. */
  readonly other: (path: string) => string;
}

/** The same arguments with other paths, each flag with its value as one argument. Flags of different names keep no order among each other. */
export function rewritePaths(argv: readonly string[], rewrite: PathRewrite): string[] {
  const { values, positional } = splitArguments(argv);
  return [
    ...renderFlags(values, (flag, value) => rewriteValue(flag, value, rewrite)),
    ...positional.map((path) => (path === "-" || isAddress(path) ? path : rewrite.source(path))),
  ];
}

/** The same arguments without the tags that are left out, in the form that `rewritePaths` gives them. */
export function withoutTags(argv: readonly string[], isLeftOut: (tag: string) => boolean): string[] {
  const { values, positional } = splitArguments(argv);
  return [
    ...renderFlags(values, (flag, value) => (flag === "tag" && isLeftOut(value) ? undefined : value)),
    ...positional,
  ];
}

/** `change` gives undefined for what is left out. */
function renderFlags(
  values: ReadonlyMap<BuildFlag, readonly string[]>,
  change: (flag: BuildFlag, value: string) => string | undefined,
): string[] {
  return [...values].flatMap(([flag, given]) =>
    given.flatMap((value) => {
      const changed = buildFlagForms[flag] === "switch" ? value : change(flag, value);
      return changed === undefined ? [] : [`--${flag}=${changed}`];
    }),
  );
}

function rewriteValue(flag: BuildFlag, value: string, { source, other }: PathRewrite): string {
  switch (flag) {
    case "file":
      return value === "-" || value === "" ? value : source(value);
    case "build-context": {
      const equals = value.indexOf("=");
      const path = value.slice(equals + 1);
      return isAddress(path) ? value : `${value.slice(0, equals)}=${source(path)}`;
    }
    case "metadata-file":
    case "iidfile":
      return value === "" ? value : other(value);
    case "secret":
      return rewriteFields(value, ["src", "source"], other);
    case "cache-from":
    case "cache-to":
      return /(?:^|,)type=local(?:,|$)/.test(value) ? rewriteFields(value, ["src", "dest"], other) : value;
    case "ssh": {
      const [id = "", ...paths] = value.split("=");
      return paths.length === 0 ? value : `${id}=${paths.join("=").split(",").map(other).join(",")}`;
    }
    default:
      return value;
  }
}

/** `id=key,src=key.pem`. A secret from a variable has its name under `env`, or under `src` with `type=env`. */
function rewriteFields(value: string, names: readonly string[], other: (path: string) => string): string {
  const fields = splitCsv(value) ?? [];
  if (fields.some((field) => field.toLowerCase() === "type=env")) return value;
  return fields
    .map((field) => {
      const [name = "", ...rest] = field.split("=");
      return names.includes(name.toLowerCase()) ? `${name}=${other(rest.join("="))}` : field;
    })
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(",");
}

function isAddress(value: string): boolean {
  return /^(?:[a-z-]+:\/\/|target:|[^/@:]+@[^/:]+:|github\.com\/)/i.test(value);
}
