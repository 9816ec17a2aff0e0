import { addAll } from "../model/lists.ts";

/** Arguments of one `docker buildx bake` that matter in addition to the printed definition. Source: buildx, commands/bake.go. */
export interface BakeArguments {
  /** Flags with their values, as written, without those about reports. */
  readonly flags: readonly string[];
  /** Names of targets, and the address of a remote definition. */
  readonly words: readonly string[];
  readonly builder: string | undefined;
  /** Whether the definition is read from standard input. */
  readonly readsInput: boolean;
  /** Address of a remote definition: the first word, if it is an address. */
  readonly remote: string | undefined;
  readonly reports: BakeReports;
  /** First argument that is not understood. */
  readonly unknown: string | undefined;
}

/** Reports that the caller of a bake requests. */
export interface BakeReports {
  readonly metadataFile: string | undefined;
  /** Form of the progress: `auto`, `plain`, `quiet`, `rawjson`, …. */
  readonly progress: string;
}

/** Flags that take a value. */
const withValue = new Set([
  "allow",
  "builder",
  "call",
  "file",
  "metadata-file",
  "progress",
  "provenance",
  "sbom",
  "set",
  "var",
]);

const switches = new Set(["debug", "load", "no-cache", "pull", "push"]);

const reportFlags = new Set(["metadata-file", "progress"]);

/** Reads the arguments after `bake`. */
export function readBakeArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): BakeArguments {
  const found: FoundFlag[] = [];
  const words: string[] = [];
  let unknown: string | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const arg = argv[at] ?? "";
    if (arg === "--") {
      addAll(words, argv.slice(at + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const { name, value } = nameOf(arg);
    if (switches.has(name)) found.push({ name, value: undefined, written: [arg] });
    else if (!withValue.has(name)) unknown ??= arg;
    else if (value !== undefined) found.push({ name, value, written: [arg] });
    else {
      const next = argv[(at += 1)];
      if (next === undefined) unknown ??= arg;
      else found.push({ name, value: next, written: [arg, next] });
    }
  }
  const last = (name: string): string | undefined => found.findLast((flag) => flag.name === name)?.value;
  const [first = ""] = words;
  return {
    flags: found.filter(({ name }) => !reportFlags.has(name)).flatMap(({ written }) => written),
    words,
    builder: last("builder"),
    readsInput: found.some(({ name, value }) => name === "file" && value === "-"),
    remote: /^[a-z+]+:\/\/|^git@|^github\.com\//.test(first) ? first : undefined,
    reports: { metadataFile: last("metadata-file"), progress: last("progress") ?? env["BUILDKIT_PROGRESS"] ?? "auto" },
    unknown,
  };
}

interface FoundFlag {
  readonly name: string;
  readonly value: string | undefined;
  readonly written: readonly string[];
}

/** Splits a flag into name and value: `-f x`, `-fx`, `-f=x`, `--file x`, `--file=x`. */
function nameOf(arg: string): Pick<FoundFlag, "name" | "value"> {
  if (arg === "-D") return { name: "debug", value: undefined };
  if (arg.startsWith("-f")) return { name: "file", value: arg === "-f" ? undefined : arg.slice(2).replace(/^=/, "") };
  const [, name = "", , value] = /^--([^=]+)(=([\s\S]*))?$/.exec(arg) ?? [];
  return { name, value };
}
