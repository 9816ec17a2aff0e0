import { posix } from "node:path";
import { asFields, asList, asText, asTextMap, type Fields } from "../formats/json.ts";
import { isAddress } from "./read-build-arguments.ts";

/** Target of a printed bake definition, converted to a build. */
export interface BakeTarget {
  readonly name: string;
  /** Arguments after `docker buildx build`: flags, the Dockerfile and the context. */
  readonly argv: readonly string[];
  /** Names of the targets whose images it uses as contexts. */
  readonly links: readonly string[];
  readonly tags: readonly string[];
  /** Keys that `docker buildx build` has no flag for. If there is one, bake itself builds the target. */
  readonly unknown: readonly string[];
}

/** Definition that `docker buildx bake --print` printed, with variables and inheritance resolved. */
export interface BakeDefinition {
  /** Names of the requested targets, in order, without duplicates. */
  readonly requested: readonly string[];
  /** Targets by name, as printed, including those that others link to. */
  readonly targets: Readonly<Record<string, Fields>>;
}

/** Reads a printed definition; undefined: the value is not a definition. */
export function readBakeDefinition(printed: unknown): BakeDefinition | undefined {
  const fields = asFields(printed);
  const targets = asFields(fields?.["target"]);
  if (fields === undefined || targets === undefined) return undefined;
  const groups = asFields(fields["group"]) ?? {};
  const named = expandGroup(groups, "default", new Set());
  const entries = Object.entries(targets).map(([name, target]) => [name, asFields(target) ?? {}] as const);
  const known = named.filter((name) => targets[name] !== undefined);
  return {
    requested: known.length === 0 ? Object.keys(targets) : [...new Set(known)],
    targets: Object.fromEntries(entries),
  };
}

function expandGroup(groups: Fields, name: string, seen: Set<string>): string[] {
  const members = asList(asFields(groups[name])?.["targets"]);
  if (members === undefined || seen.has(name)) return [name];
  seen.add(name);
  return members.flatMap((member) => (typeof member === "string" ? expandGroup(groups, member, seen) : []));
}

/**
 * Converts a target to a build. Paths are relative to bake's folder; `remote`: the address of a remote definition. Source: buildx, bake/bake.go,
 * `toBuildOpt`.
 */
export function readBakeTarget(name: string, target: Fields, remote: string | undefined): BakeTarget {
  const unknown = Object.keys(target).filter((key) => readers[key] === undefined && !ignored.has(key));
  const place = placeOf(target, remote);
  if (place === undefined) unknown.push("context");
  const contexts = placeContexts(target["contexts"], remote);
  if (contexts === undefined) unknown.push("contexts");
  const argv = Object.entries(readers).flatMap(([key, read]) => {
    const value = key === "contexts" ? contexts : target[key];
    if (value === undefined) return [];
    const flags = read?.(value);
    if (flags === undefined) unknown.push(key);
    return flags ?? [];
  });
  return {
    name,
    argv: [...argv, ...(place === undefined ? [] : ["--file", place.dockerfile, place.context])],
    links: Object.values(contexts ?? {}).flatMap((context) => /^target:(.+)$/s.exec(context)?.[1] ?? []),
    tags: asTexts(target["tags"]) ?? [],
    unknown,
  };
}

/** Places the context and the Dockerfile. Bake's Dockerfile is relative to the context, unlike that of `docker buildx build`. */
function placeOf(target: Fields, remote: string | undefined): { context: string; dockerfile: string } | undefined {
  const written = asText(target["context"]) ?? ".";
  const dockerfile = asText(target["dockerfile"]) ?? "Dockerfile";
  const context = placeFolder(written, remote);
  if (context === undefined) return undefined;
  if (isAddress(context)) return { context, dockerfile };
  return { context, dockerfile: posix.isAbsolute(dockerfile) ? dockerfile : posix.join(context, dockerfile) };
}

/** Places the named contexts; folders of a remote definition become addresses. Undefined: one is outside of its repository. */
function placeContexts(contexts: unknown, remote: string | undefined): Readonly<Record<string, string>> | undefined {
  const placed: Record<string, string> = {};
  for (const [name, written] of Object.entries(asTextMap(contexts) ?? {})) {
    const isImage = /^(?:target:|docker-image:\/\/|oci-layout:\/\/)/.test(written);
    const context = isImage ? written : placeFolder(written, remote);
    if (context === undefined) return undefined;
    placed[name] = context;
  }
  return placed;
}

/**
 * Places a folder; a folder of a remote definition is one of its repository. Undefined: it is outside of the repository, or the form of the address
 * cannot name a folder. Source: buildx, bake/bake.go, `updateContext`.
 */
function placeFolder(written: string, remote: string | undefined): string | undefined {
  if (isAddress(written)) return written;
  if (written.startsWith("cwd://")) return undefined;
  if (remote === undefined) return written;
  const [, repository, commit, folder = ""] = /^([^#?]+)#([^:]*)(?::(.*))?$/s.exec(remote) ?? [];
  const path = posix.join(folder, written);
  if (repository === undefined || path.startsWith("..") || posix.isAbsolute(written)) return undefined;
  return path === "." ? `${repository}#${commit}` : `${repository}#${commit}:${path}`;
}

/** Keys that have no effect on the build, or are read elsewhere. */
const ignored: ReadonlySet<string> = new Set(["context", "dockerfile", "description", "inherits", "matrix", "name"]);

type Reader = (value: unknown) => string[] | undefined;

const readers: Readonly<Record<string, Reader | undefined>> = {
  annotations: list("--annotation"),
  args: map("--build-arg", "="),
  attest: entries("--attest"),
  "cache-from": entries("--cache-from"),
  "cache-to": entries("--cache-to"),
  call: text("--call"),
  "cgroup-parent": text("--cgroup-parent"),
  contexts: map("--build-context", "="),
  entitlements: list("--allow"),
  "extra-hosts": map("--add-host", ":"),
  labels: map("--label", "="),
  network: text("--network"),
  "no-cache": flag("--no-cache"),
  "no-cache-filter": list("--no-cache-filter"),
  output: entries("--output"),
  platforms: list("--platform"),
  pull: flag("--pull"),
  secret: entries("--secret"),
  "shm-size": text("--shm-size"),
  ssh: (value) => asList(value)?.flatMap((each) => ["--ssh", sshEntry(each)]),
  tags: list("--tag"),
  target: text("--target"),
  ulimits: list("--ulimit"),
};

function text(name: string): Reader {
  return (value) => (typeof value === "string" ? [name, value] : undefined);
}

function flag(name: string): Reader {
  return (value) => (value === true ? [name] : value === false ? [] : undefined);
}

function list(name: string): Reader {
  return (value) => asTexts(value)?.flatMap((each) => [name, each]);
}

function map(name: string, between: string): Reader {
  return (value) => {
    const texts = asTextMap(value);
    return texts === undefined
      ? undefined
      : Object.entries(texts).flatMap(([key, each]) => [name, `${key}${between}${each}`]);
  };
}

/** Reads a list whose items are texts, as older versions print them, or objects of texts. */
function entries(name: string): Reader {
  return (value) => {
    const found = asList(value)?.map((each) => (typeof each === "string" ? each : commaSeparated(asTextMap(each))));
    return found?.some((each) => each === undefined) === true
      ? undefined
      : found?.flatMap((each) => [name, each ?? ""]);
  };
}

function commaSeparated(fields: Readonly<Record<string, string>> | undefined): string | undefined {
  if (fields === undefined) return undefined;
  const { type, ...others } = fields;
  const ordered = [...(type === undefined ? [] : [["type", type] as const]), ...Object.entries(others)];
  const quoted = ordered.map(([key, value]) => `${key}=${value}`);
  return quoted.map((each) => (/[",\n\r]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each)).join(",");
}

function sshEntry(entry: unknown): string {
  if (typeof entry === "string") return entry;
  const fields = asFields(entry) ?? {};
  const paths = asTexts(fields["paths"]) ?? [];
  return `${asText(fields["id"]) ?? "default"}${paths.length === 0 ? "" : `=${paths.join(",")}`}`;
}

function asTexts(value: unknown): readonly string[] | undefined {
  const found = asList(value);
  return found?.every((each) => typeof each === "string") === true ? found : undefined;
}
