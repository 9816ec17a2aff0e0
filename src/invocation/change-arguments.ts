import { splitCsv } from "../formats/csv-fields.ts";
import { type BuildFlag, buildFlagForms } from "./build-flags.ts";
import { splitArguments } from "./split-flags.ts";

/** Changes of the paths in a build's arguments. */
export interface PathRewrite {
  /** Changes the path of a source: the context, the Dockerfile, or a named context. */
  readonly source: (path: string) => string;
  /** Changes any other path of this machine, such as that of a secret or a report. */
  readonly other: (path: string) => string;
}

/** Returns the arguments with changed paths. Each flag is joined with its value; flags of different names may change their order. */
export function rewritePaths(argv: readonly string[], rewrite: PathRewrite): string[] {
  const { values, positional } = splitArguments(argv);
  return [
    ...renderFlags(values, (flag, value) => rewriteValue(flag, value, rewrite)),
    ...positional.map((path) => (path === "-" || isAddress(path) ? path : rewrite.source(path))),
  ];
}

/** Returns the arguments without some tags, in the form that `rewritePaths` returns. */
export function withoutTags(argv: readonly string[], isLeftOut: (tag: string) => boolean): string[] {
  const { values, positional } = splitArguments(argv);
  return [
    ...renderFlags(values, (flag, value) => (flag === "tag" && isLeftOut(value) ? undefined : value)),
    ...positional,
  ];
}

/** Renders flags; those for which `change` returns undefined are left out. */
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

/** Changes the paths in `id=key,src=key.pem`. With `type=env`, `src` is the name of a variable and stays. */
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
